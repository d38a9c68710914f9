import { readdir } from "node:fs/promises";
import path from "node:path";
import { NextToLast } from "blockstore-fs/sharding";
import { CID } from "multiformats/cid";
import { DAG_PB, digestToCid, RAW, type Digest } from "./cid.ts";
import { DiskBlocks, QUARANTINE } from "./disk-blocks.ts";
import { defaultLimits } from "./limits.ts";
import { decodeNode, type Node } from "./node.ts";

/** @param removed Blocks that are gone. @param shared Blocks that other artefacts of the store hold too, and that were kept. */
export interface ErasedBlocks {
  readonly removed: number;
  readonly shared: number;
}

export interface EraseParameters {
  readonly dir: string;
  readonly digest: Digest;
  /** One file of it; its folders stay, so that the rest can still be read. */
  readonly file?: string | undefined;
  /** Removes what other artefacts hold as well: they then lack it. */
  readonly evenIfShared: boolean;
  /** Counts, and removes nothing. */
  readonly dryRun: boolean;
}

/** What a block links to, by the name of its file. @param content Links to content, not to folders or files of several blocks. */
interface Links {
  readonly all: readonly string[];
  readonly content: readonly string[];
  /** Not in quarantine. */
  readonly inUse: boolean;
}

/** Files are named by hash alone: whether a block holds content or links, only who links to it knows. */
const keyOf = (cid: CID): string => String(CID.createV1(RAW, cid.multihash));
const asNode = (cid: CID): CID => CID.createV1(DAG_PB, cid.multihash);

/** Removes an artefact's blocks from a store on disk, or those with the content of one file. Not while others write to the store. */
export async function eraseBlocks({ dir, digest, file, evenIfShared, dryRun }: EraseParameters): Promise<ErasedBlocks> {
  const blocks = new DiskBlocks(dir);
  const links = await readLinks(dir, blocks);
  const root = keyOf(digestToCid(digest));
  const wanted = file === undefined ? reach(links, [root]) : await contentOf(blocks, links, digestToCid(digest), file);
  const linked = new Set([...links.values()].flatMap(({ all }) => all));
  // What is in quarantine is on its way out: it keeps nothing from being erased.
  const others = reach(links, [...links].flatMap(([key, { inUse }]) => (inUse && key !== root && !linked.has(key) ? [key] : [])));
  const result = { removed: 0, shared: 0 };
  for (const key of wanted) {
    const cid = CID.parse(key);
    if (!(await blocks.hasBlock(cid))) continue;
    if (others.has(key) && !evenIfShared) {
      result.shared += 1;
      continue;
    }
    result.removed += 1;
    if (!dryRun) await blocks.remove(cid);
  }
  return result;
}

function reach(links: ReadonlyMap<string, Links>, from: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...from];
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    queue.push(...(links.get(key)?.all ?? []));
  }
  return seen;
}

/** What each folder, and each file of several blocks, in the store links to. */
async function readLinks(dir: string, blocks: DiskBlocks): Promise<ReadonlyMap<string, Links>> {
  const layout = new NextToLast();
  const links = new Map<string, Links>();
  for (const name of await readdir(dir, { recursive: true }).catch(() => [])) {
    const quarantined = path.dirname(name) === QUARANTINE;
    if (!name.endsWith(layout.extension) || (name.startsWith(".") && !quarantined)) continue;
    const cid = decoded(layout, path.basename(name));
    if (cid === null) continue;
    if (quarantined && links.has(keyOf(cid))) continue;
    const found = await nodeOf(blocks, asNode(cid));
    if (found === null) continue;
    const all = found.kind === "folder" ? [...found.entries.values()] : found.parts.map(({ cid: part }) => part);
    if (all.length > 0) links.set(keyOf(cid), { all: all.map(keyOf), content: all.filter(({ code }) => code === RAW).map(keyOf), inUse: !quarantined });
  }
  return links;
}

/** Null for a file that somebody else put there. */
function decoded(layout: NextToLast, file: string): CID | null {
  try {
    return layout.decode(file);
  } catch {
    return null;
  }
}

/** Null when the block is absent or is no folder and no file of several blocks: content links to nothing. */
async function nodeOf(blocks: DiskBlocks, cid: CID): Promise<Node | null> {
  try {
    return await decodeNode(cid, (await blocks.getBlock(cid, defaultLimits.blockBytes)) ?? new Uint8Array(), defaultLimits);
  } catch {
    return null;
  }
}

/** Blocks with the content of one file; none when the way there is broken. */
async function contentOf(blocks: DiskBlocks, links: ReadonlyMap<string, Links>, root: CID, file: string): Promise<Set<string>> {
  let at = root;
  for (const name of file.split("/")) {
    const node = await nodeOf(blocks, at);
    const next = node?.kind === "folder" ? node.entries.get(name) : undefined;
    if (next === undefined) return new Set();
    at = next;
  }
  if (at.code === RAW) return new Set([keyOf(at)]);
  return new Set([...reach(links, [keyOf(at)])].flatMap((key) => links.get(key)?.content ?? []));
}
