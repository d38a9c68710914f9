import { hash } from "node:crypto";
import { base32upper } from "multiformats/bases/base32";
import type { CID } from "multiformats/cid";
import type { BlockSource } from "../blocks.ts";
import { DAG_PB, digestToCid, type Digest } from "../cid.ts";
import { defaultLimits, type ArtefactLimits } from "../limits.ts";
import { decodeNode, type Node, NodeFault } from "../node.ts";

/** What a block is called whatever it is taken for: its hash, as its file has it. */
export type BlockKey = string;
export const blockKey = ({ multihash }: Pick<CID, "multihash">): BlockKey => base32upper.encode(multihash.bytes);

/**
 * @param blocks Everything reachable. @param absent Artefacts of which this store has nothing.
 * @param damaged Artefacts of which a folder, or the list of a file's blocks, is lost: what hangs on it is not known.
 * @param malformed What is named and is no artefact that anybody reads: beyond the limits, or of another form. Its root alone is marked.
 */
export interface Marked {
  readonly blocks: ReadonlySet<BlockKey>;
  readonly absent: readonly Digest[];
  readonly damaged: readonly Digest[];
  readonly malformed: readonly Digest[];
}

type Found = Node | "missing" | "changed" | "malformed";

/**
 * Walks all blocks that hang on these roots. Folders and lists of blocks are read, hashed and read once, however many artefacts share them; content is only
 * named. So what it costs is bounded by what the store holds, whatever a digest on the ledger stands for.
 */
export async function mark(source: BlockSource, roots: Iterable<Digest>, limits: ArtefactLimits = defaultLimits): Promise<Marked> {
  const blocks = new Set<BlockKey>();
  /** Read as folders or lists. Marked alone is not enough: another artefact may take the same block for content. */
  const read = new Set<BlockKey>();
  const absent: Digest[] = [];
  const damaged: Digest[] = [];
  const malformed: Digest[] = [];

  for (const digest of roots) {
    const root = digestToCid(digest);
    const queue: CID[] = [root];
    let [lost, wrong, visited] = [false, false, 0];
    for (let cid = queue.pop(); cid !== undefined; cid = queue.pop()) {
      const key = blockKey(cid);
      blocks.add(key);
      if (cid.code !== DAG_PB || read.has(key)) continue;
      if (++visited > limits.blocks) {
        wrong = true;
        break;
      }
      const found = await nodeAt(source, cid, limits);
      if (typeof found === "object") {
        read.add(key);
        queue.push(...(found.kind === "folder" ? found.entries.values() : found.parts.map((part) => part.cid)));
      } else if (found === "malformed") wrong = true;
      else if (found === "missing" && cid === root) absent.push(digest);
      else lost = true;
    }
    if (lost) damaged.push(digest);
    if (wrong) malformed.push(digest);
  }
  return { blocks, absent, damaged, malformed };
}

async function nodeAt(source: BlockSource, cid: CID, limits: ArtefactLimits): Promise<Found> {
  const bytes = await source.getBlock(cid, limits.blockBytes);
  if (bytes === undefined) return "missing";
  if (!hash("sha256", bytes, "buffer").equals(cid.multihash.digest)) return "changed";
  try {
    return await decodeNode(cid, bytes, limits);
  } catch (error) {
    if (error instanceof NodeFault) return "malformed";
    throw error;
  }
}
