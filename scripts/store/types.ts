import type { Digest } from "./cid.ts";
import type { ChongwenError } from "../../protocol/errors.ts";

/** Where artefacts are kept: small directories of files, named by the digest of their content. */
export interface ArtefactStore {
  /** Stores files under their paths ("updates/3.bin"). The same files give the same digest in whatever order. */
  putDirectory(files: ReadonlyMap<string, Uint8Array>): Promise<Digest>;
  /** Stores one file, as a directory that holds it under {@link FILE_NAME}. */
  putFile(bytes: Uint8Array): Promise<Digest>;
  /** Reads and checks the root of an artefact. Files are read, and checked, when asked for. */
  open(digest: Digest, options?: OpenOptions): Promise<ArtefactReader>;
  /** Whether the store holds the root block. A put writes it last; whether the rest is whole, {@link verifyAll} says. */
  has(digest: Digest): Promise<boolean>;
  /** Reads every block of an artefact and lists all that is wrong. */
  verifyAll(digest: Digest, options?: OpenOptions): Promise<Verification>;
}

export interface OpenOptions {
  /** What the artefact is to the reader ("round 3 bundle"). Messages begin with it. */
  readonly label?: string;
  /** Files that {@link ArtefactStore.verifyAll} passes over. */
  readonly without?: (path: string) => boolean;
}

/** An open artefact. Every block is hashed again before it is decoded. */
export interface ArtefactReader {
  readonly digest: Digest;
  /** The paths of all files, in order of their code points. */
  list(): Promise<string[]>;
  /** The bytes of one file. */
  read(path: string): Promise<Uint8Array>;
}

export interface Verification {
  /** Everything was read and is as the digest says. */
  readonly ok: boolean;
  /** The walk reached its end: false if a limit stopped it. Then `findings` is not the whole list. */
  readonly complete: boolean;
  readonly files: number;
  readonly blocks: number;
  readonly bytes: number;
  /** What is wrong, in the order of the walk. The same damaged block is listed under each path it belongs to. */
  readonly findings: readonly ChongwenError[];
}

/** The path under which {@link ArtefactStore.putFile} stores its file. */
export const FILE_NAME = "content";
