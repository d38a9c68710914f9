/** Which chain, which ledger, which indexer: what was read belongs to one of each, and must never be mixed with another's. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Address } from "viem";
import type { Deployment } from "../../protocol/deployment.ts";
import type { Block, Rpc } from "./rpc.ts";

export interface Identity {
  /** Names the data: another key, other data. */
  readonly key: string;
  readonly libraryCard: Address;
}

/** Deeper than any chain's reorganisations that Ponder lives through. */
const SETTLED = 64;
/** `libraryCard()` */
const LIBRARY_CARD = "0xa20a030d";

export async function identify(rpc: Rpc, { chainId, fromBlock, contracts }: Deployment, version: string): Promise<Identity | undefined> {
  const [first, card] = await Promise.all([rpc.block(Number(fromBlock)), rpc.call(contracts.contributors, LIBRARY_CARD)]);
  // An empty answer: nothing lives at that address, so the ledger is not there (yet, or any more).
  if (first === undefined || !/^0x0{24}[0-9a-f]{40}$/i.test(card)) return undefined;
  const key = createHash("sha256").update([chainId, first.hash, JSON.stringify(contracts), version].join("|")).digest("hex").slice(0, 12);
  return { key, libraryCard: `0x${card.slice(26)}` };
}

/** What of the sources decides the tables: Ponder refuses a schema that another version wrote. */
export async function versionOf(root: string): Promise<string> {
  const hash = createHash("sha256");
  const files = ["ponder.config.ts", "ponder.schema.ts", "package-lock.json"];
  for (const folder of ["src", path.join("..", "protocol", "abi")]) {
    const names = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
    files.push(...names.filter((entry) => entry.isFile()).map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))));
  }
  for (const file of files.sort()) {
    if (!file.startsWith(path.join("src", "api"))) hash.update(file).update(await readFile(path.join(root, file)));
  }
  return hash.digest("hex");
}

/** Blocks by which the chain can be recognised: its first, and one so deep that it stays. */
export async function takeAnchors(rpc: Rpc, fromBlock: number): Promise<Block[]> {
  const head = await rpc.block("latest");
  const numbers = [fromBlock, Math.max(fromBlock, (head?.number ?? 0) - SETTLED)];
  const blocks = await Promise.all(numbers.map((number) => rpc.block(number)));
  return blocks.filter((block) => block !== undefined);
}

/** Is it still the chain that these blocks were taken from? */
export async function holdsAnchors(rpc: Rpc, anchors: readonly Block[]): Promise<boolean> {
  const blocks = await Promise.all(anchors.map(({ number }) => rpc.block(number)));
  return anchors.every(({ hash }, i) => blocks[i]?.hash === hash);
}
