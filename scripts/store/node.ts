import { exporter, type UnixFSDirectory, type UnixFSFile } from "ipfs-unixfs-exporter";
import type { CID } from "multiformats/cid";
import { DAG_PB, RAW, isSha256 } from "./cid.ts";
import type { ArtefactLimits } from "./limits.ts";
import { nameFault } from "./path.ts";
import { quote } from "./quote.ts";

/** A decoded block of an artefact. */
export type Node = FileNode | FolderNode;

export interface FileNode {
  readonly kind: "file";
  /** The bytes in this block. They come before those of the parts. */
  readonly data: Uint8Array;
  readonly parts: readonly { readonly cid: CID; readonly size: number }[];
  /** Bytes of the file from here down. */
  readonly size: number;
}

export interface FolderNode {
  readonly kind: "folder";
  readonly entries: ReadonlyMap<string, CID>;
}

/** Thrown by {@link decodeNode}: why a block is no part of an artefact. */
export class NodeFault extends Error {
  override readonly name = "NodeFault";
}

/**
 * Decodes a block whose hash was checked. Only what {@link importerProfile} writes is understood: plain directories and
 * files, linked by whole SHA-256 hashes.
 */
export async function decodeNode(cid: CID, bytes: Uint8Array, limits: ArtefactLimits): Promise<Node> {
  if (cid.code === RAW) return { kind: "file", data: bytes, parts: [], size: bytes.length };
  const entry = await decodeUnixfs(cid, bytes);
  return entry.type === "directory" ? folder(entry, limits) : file(entry);
}

/** The exporter's decoder, given nothing but this one block. */
async function decodeUnixfs(cid: CID, bytes: Uint8Array): Promise<UnixFSDirectory | UnixFSFile> {
  let entry;
  try {
    entry = await exporter(cid, {
      async *get() {
        yield bytes;
      },
    });
  } catch (cause) {
    throw new NodeFault("is not a UnixFS node", { cause });
  }
  if (entry.type !== "directory" && entry.type !== "file") throw new NodeFault("is not a UnixFS node");
  return entry;
}

function folder({ node, unixfs }: UnixFSDirectory, limits: ArtefactLimits): FolderNode {
  if (unixfs.type !== "directory") throw new NodeFault("is a sharded directory, which no artefact has");
  const entries = new Map<string, CID>();
  for (const { Name: name = "", Hash: cid } of node.Links) {
    const fault = nameFault(name, limits);
    if (fault !== undefined) throw new NodeFault(`holds an entry ${quote(name)} that ${fault}`);
    if (entries.has(name)) throw new NodeFault(`holds two entries ${quote(name)}`);
    entries.set(name, checkedLink(cid));
  }
  return { kind: "folder", entries };
}

function file({ node, unixfs }: UnixFSFile): FileNode {
  if (unixfs.type !== "file" && unixfs.type !== "raw") throw new NodeFault(`is a ${unixfs.type}, which no artefact has`);
  if (unixfs.blockSizes.length !== node.Links.length) throw new NodeFault("states sizes for another number of parts");
  const data = unixfs.data ?? new Uint8Array(0);
  let size = data.length;
  const parts = node.Links.map(({ Hash }, index) => {
    const partSize = Number(unixfs.blockSizes[index]);
    // An empty part costs a reader a block and gives it nothing: a tree of them would never end.
    if (partSize === 0) throw new NodeFault("has an empty part");
    size += partSize;
    return { cid: checkedLink(Hash), size: partSize };
  });
  if (!Number.isSafeInteger(size)) throw new NodeFault("states an impossible size");
  return { kind: "file", data, parts, size };
}

function checkedLink(cid: CID): CID {
  if (cid.version !== 1 || !isSha256(cid) || (cid.code !== DAG_PB && cid.code !== RAW)) {
    throw new NodeFault(`links to ${cid}, which is not a version 1 SHA-256 identifier of a dag-pb or raw block`);
  }
  return cid;
}
