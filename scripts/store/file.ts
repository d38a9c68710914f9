import { DAG_PB } from "./cid.ts";
import { ArtefactError, ArtefactTooLarge } from "./errors.ts";
import { FILE_TREE_DEPTH } from "./limits.ts";
import type { FileNode } from "./node.ts";
import type { Position, Walk } from "./walk.ts";

/** What to do with the bytes of a file, and with what is wrong in it. */
export interface FileVisitor {
  data(offset: number, bytes: Uint8Array): void;
  /** Throws to stop, or returns to go on with the rest of the file. */
  fault(error: ArtefactError): void;
}

const LEAVES_AT_ONCE = 8;

/** Walks the blocks of a file whose top node is loaded. Leaves are fetched a few at a time: a remote store is slow. */
export async function walkFile(walk: Walk, top: Position, node: FileNode, visitor: FileVisitor): Promise<void> {
  await visit({ ...top, offset: 0 }, node, 1);

  async function visit(position: Position & { readonly offset: number }, node: FileNode, level: number): Promise<void> {
    visitor.data(position.offset, node.data);
    let offset = position.offset + node.data.length;
    let leaves: Promise<void>[] = [];
    for (const { cid, size } of node.parts) {
      const part = { cid, path: top.path, offset };
      offset += size;
      if (cid.code === DAG_PB) {
        await guarded(() => visitPart(part, size, level + 1));
      } else {
        leaves.push(guarded(() => visitPart(part, size, level + 1)));
        if (leaves.length === LEAVES_AT_ONCE) leaves = await settled(leaves);
      }
    }
    await settled(leaves);
  }

  async function visitPart(part: Position & { readonly offset: number }, size: number, level: number): Promise<void> {
    if (level > FILE_TREE_DEPTH) throw walk.malformed(part, `is a tree of more than ${FILE_TREE_DEPTH} levels`);
    const node = await walk.load(part);
    if (node.kind === "folder") throw walk.malformed(part, "is a folder inside a file");
    if (node.size !== size) throw walk.malformed(part, `holds ${node.size} bytes where the file says ${size}`);
    await visit(part, node, level);
  }

  async function guarded(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      // A limit ends the walk; anything but a finding was not about the artefact.
      if (!(error instanceof ArtefactError) || error instanceof ArtefactTooLarge) throw error;
      visitor.fault(error);
    }
  }
}

/** Waits for all, so that none is left running when one fails; then fails with the first. */
async function settled(steps: Promise<void>[]): Promise<Promise<void>[]> {
  for (const result of await Promise.allSettled(steps)) if (result.status === "rejected") throw result.reason;
  return [];
}
