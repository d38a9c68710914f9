import type { CID } from "multiformats/cid";
import { DAG_PB, digestToCid, RAW, type Digest } from "./cid.ts";
import type { ErasedBlocks } from "./erase.ts";
import { KuboBlocks, type KuboConnection } from "./kubo-blocks.ts";
import { BY_HAND, KuboPins } from "./kubo-pins.ts";
import { defaultLimits } from "./limits.ts";
import { decodeNode, type Node, NodeFault } from "./node.ts";

export interface KuboEraseParameters {
  readonly connection: KuboConnection;
  readonly digest: Digest;
  /** One file of it; the rest stays, and stays pinned. */
  readonly file?: string | undefined;
  /** Takes it away also from others who pinned it. */
  readonly evenIfShared: boolean;
  readonly dryRun: boolean;
}

/**
 * Removes an artefact's blocks, or those with the content of one file, from a Kubo node. Only our pin is taken away: blocks that another pin holds stay, and
 * are counted.
 */
export async function eraseKuboBlocks({ connection, digest, file, evenIfShared, dryRun }: KuboEraseParameters): Promise<ErasedBlocks> {
  const blocks = new KuboBlocks({ ...connection, offline: true });
  const pins = new KuboPins(connection);
  const root = digestToCid(digest);
  const all = await reach(blocks, [root]);
  const doomed = file === undefined ? all : await contentOf(blocks, root, file);
  const wanted = [...doomed.values()];
  const here: CID[] = [];
  for (const cid of wanted) if (await blocks.hasBlock(cid)) here.push(cid);
  const pin = await pins.find(root);
  const isOurs = pin?.name !== null || evenIfShared;
  if (dryRun || (pin !== null && !isOurs)) return dryRun && isOurs ? { removed: here.length, shared: 0 } : { removed: 0, shared: here.length };

  const name = { owner: pin?.name?.owner ?? BY_HAND, since: Date.now() / 1000, digest, part: true };
  if (pin !== null) {
    // Before the whole is let go, what stays of it is held block by block: a node that collects its garbage in between takes nothing. The root comes last: it cannot be held twice.
    for (const [key, cid] of file === undefined ? [] : all) if (!doomed.has(key) && !cid.equals(root)) await pins.add(cid, name);
    await pins.remove(pin);
    if (file !== undefined) await pins.add(root, name);
  }
  // Parts that an earlier erasure of another file left pinned.
  for (const part of await pins.list()) if (part.name?.part === true && part.name.digest === digest && doomed.has(String(part.cid))) await pins.remove(part);
  const result = { removed: 0, shared: 0 };
  for (const cid of here) {
    if (await pins.removeBlock(cid)) result.removed += 1;
    else result.shared += 1;
  }
  return result;
}

/** All that hangs on these blocks, by name, as far as it is here. */
async function reach(blocks: KuboBlocks, from: readonly CID[]): Promise<Map<string, CID>> {
  const seen = new Map<string, CID>();
  const queue = [...from];
  for (let cid = queue.pop(); cid !== undefined; cid = queue.pop()) {
    if (seen.has(String(cid))) continue;
    seen.set(String(cid), cid);
    const node = cid.code === DAG_PB ? await nodeOf(blocks, cid) : null;
    if (node !== null) queue.push(...(node.kind === "folder" ? node.entries.values() : node.parts.map((part) => part.cid)));
  }
  return seen;
}

/** Blocks with the content of one file; none when the way there is broken. */
async function contentOf(blocks: KuboBlocks, root: CID, file: string): Promise<Map<string, CID>> {
  let at = root;
  for (const name of file.split("/")) {
    const node = await nodeOf(blocks, at);
    const next = node?.kind === "folder" ? node.entries.get(name) : undefined;
    if (next === undefined) return new Map();
    at = next;
  }
  return new Map([...(await reach(blocks, [at]))].filter(([, { code }]) => code === RAW));
}

async function nodeOf(blocks: KuboBlocks, cid: CID): Promise<Node | null> {
  const bytes = await blocks.getBlock(cid, defaultLimits.blockBytes);
  if (bytes === undefined) return null;
  try {
    return await decodeNode(cid, bytes, defaultLimits);
  } catch (error) {
    if (error instanceof NodeFault) return null;
    throw error;
  }
}
