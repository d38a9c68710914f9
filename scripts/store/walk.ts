import { hash } from "node:crypto";
import type { CID } from "multiformats/cid";
import type { BlockSource } from "./blocks.ts";
import type { Digest } from "./cid.ts";
import {
  ArtefactFileAbsent,
  ArtefactMalformed,
  ArtefactMismatch,
  ArtefactMissing,
  ArtefactTooLarge,
  type ArtefactPlace,
} from "./errors.ts";
import type { ArtefactLimits } from "./limits.ts";
import { decodeNode, NodeFault, type FolderNode, type Node } from "./node.ts";

/** A position in an artefact: the block, and the path (and, in a file of several blocks, the first byte) it stands for. */
export interface Position {
  readonly cid: CID;
  readonly path: string;
  readonly offset?: number;
}

/** One reading of an artefact: fetches blocks, checks them, decodes them, and stops at the limits. */
export class Walk {
  readonly limits: ArtefactLimits;
  blocks = 0;
  bytes = 0;
  entries = 0;
  readonly #source: BlockSource;
  readonly #digest: Digest;
  readonly #label: string;

  constructor(source: BlockSource, digest: Digest, label: string, limits: ArtefactLimits) {
    this.#source = source;
    this.#digest = digest;
    this.#label = label;
    this.limits = limits;
  }

  async load(position: Position): Promise<Node> {
    const bytes = await this.#verified(position);
    try {
      return await decodeNode(position.cid, bytes, this.limits);
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      throw new ArtefactMalformed(this.place(position), error.message, error.cause);
    }
  }

  async loadRoot(root: CID): Promise<FolderNode> {
    const position = { cid: root, path: "" };
    const node = await this.load(position);
    if (node.kind === "file") throw this.malformed(position, "is a file: the root of an artefact is a directory");
    return node;
  }

  /** Counts what a node announces against the limits, before any of it is fetched. */
  enter(position: Position, node: Node): void {
    if (node.kind === "folder") {
      if (node.entries.size > 0) this.#limit(position, "depth", depthBelow(position.path));
      this.#limit(position, "folderEntries", node.entries.size);
      this.#limit(position, "entries", (this.entries += node.entries.size));
    } else {
      this.#limit(position, "fileBytes", node.size);
      this.#limit(position, "totalBytes", (this.bytes += node.size));
    }
  }

  malformed(position: Position, what: string): ArtefactMalformed {
    return new ArtefactMalformed(this.place(position), what);
  }

  absent(path: string): ArtefactFileAbsent {
    return new ArtefactFileAbsent({ label: this.#label, digest: this.#digest, path });
  }

  place({ cid, path, offset }: Position): ArtefactPlace {
    const place = { label: this.#label, digest: this.#digest, path, cid: String(cid), source: this.#source.locate(cid) };
    return offset === undefined ? place : { ...place, offset };
  }

  async #verified(position: Position): Promise<Uint8Array> {
    const { cid } = position;
    const most = this.limits.blockBytes;
    this.#limit(position, "blocks", ++this.blocks);
    const bytes = await this.#source.getBlock(cid, most);
    if (bytes === undefined) throw new ArtefactMissing(this.place(position));
    if (bytes.length > most) {
      throw new ArtefactMismatch(this.place(position), `is longer than ${most} bytes, which no block may be`);
    }
    if (!hash("sha256", bytes, "buffer").equals(cid.multihash.digest)) throw new ArtefactMismatch(this.place(position));
    return bytes;
  }

  #limit(position: Position, limit: keyof ArtefactLimits, value: number): void {
    const most = this.limits[limit];
    if (value > most) throw new ArtefactTooLarge(this.place(position), limit, most);
  }
}

/** How many names the paths of a folder's entries have. */
function depthBelow(folder: string): number {
  return folder === "" ? 1 : folder.split("/").length + 1;
}

export function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
