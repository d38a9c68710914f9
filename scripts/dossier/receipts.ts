/** Collects what proves events: the headers from the ledger's first block to the dossier's, and the receipts of every block that may hold one. */
import { z } from "zod";
import type { Hex, PublicClient } from "viem";
import { toHex } from "viem/utils";
import { concatBytes } from "../../protocol/bytes.ts";
import { isWatched, mayMatter, watchedEvents, type About, type Watched } from "../../protocol/dossier/events.ts";
import { decodeReceipts, encodeReceipts, MOST_HEADERS, proveEvents, type BlockReceipts } from "../../protocol/dossier/receipts.ts";
import { ChongwenError, protocolError } from "../../protocol/errors.ts";
import { readHeader, type Header } from "../../protocol/proofs/header.ts";
import { decodeHeaders, encodeHeader, type LinkedHeader } from "../../protocol/proofs/headers.ts";
import { buildReceiptsProof, encodeReceipt } from "../../protocol/proofs/receipts.ts";
import { isUnsupported } from "../chain/endpoints/endpoint.ts";

/** The two files, as they are written. */
export interface ReceiptFiles {
  readonly headers: Uint8Array;
  readonly receipts: Uint8Array;
}

interface Parameters {
  readonly client: Pick<PublicClient, "request">;
  readonly about: About;
  /** The block whose state is proven. */
  readonly anchor: Header;
  readonly warn: (message: string) => void;
  /** For tests. */
  readonly mostHeaders?: number;
}

/** Asked for at the same time. */
const AT_ONCE = 16;
/** Of a larger block, where it is one of many in between, only the receipts that matter are proven. */
const SMALL_BLOCK = 64;

const answer = z.object({ transactions: z.array(z.string()) });
const logs = z.array(z.object({ blockNumber: z.string().regex(/^0x[0-9a-fA-F]{1,16}$/) }));

interface Read extends LinkedHeader {
  readonly bytes: Uint8Array;
  readonly transactions: readonly Hex[];
}

/** @returns Null, and says why, where the endpoint's receipts do not make the roots of its headers. @throws chain-incomplete when the chain changed meanwhile */
export async function collectReceipts({ client, about, anchor, warn, mostHeaders = MOST_HEADERS }: Parameters): Promise<ReceiptFiles | null> {
  const watched = watchedEvents(about);
  const { fromBlock } = about.deployment;
  const isLinked = anchor.number - fromBlock < BigInt(mostHeaders);
  const wanted = isLinked ? Array.from({ length: Number(anchor.number - fromBlock) + 1 }, (_, i) => fromBlock + BigInt(i)) : [...(await blocksOf(client, watched, fromBlock, anchor.number)), anchor.number];
  const read = await inPortions([...new Set(wanted)].sort((a, b) => (a < b ? -1 : 1)), (block) => readBlock(client, block));
  if (read.at(-1)?.hash !== anchor.hash) throw new ChongwenError({ code: "chain-incomplete", message: `Block ${anchor.number} is not ${anchor.hash} any more.`, fix: "Try again, or export as of an older block (--block).", retryable: true });
  try {
    const blocks = await inPortions(read.filter((header) => mayMatter(header, watched)), (header) => receiptsOf(client, header, watched, isLinked));
    const files = { headers: concatBytes(read.map(({ bytes }) => bytes)), receipts: encodeReceipts(blocks.filter(({ nodes }) => nodes.length > 0)) };
    await proveEvents(decodeReceipts(files.headers, files.receipts), anchor, [], watched);
    if (!isLinked) warn(`More than ${mostHeaders} blocks lie between the first of the ledger and this one: nothing in the dossier links the ${blocks.length} with events to it. Who checks it compares their hashes (--checkpoint).`);
    return files;
  } catch (error) {
    if (!(error instanceof ChongwenError) || error.code !== "proof-invalid") throw error;
    warn(`${error.message} Claims, payees, pools and events stay your word.`);
    return null;
  }
}

async function inPortions<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  return results;
}

/** What an endpoint leaves out here is missing in the facts as well, and that nothing is left out is not called proven. */
async function blocksOf(client: Parameters["client"], watched: readonly Watched[], fromBlock: bigint, toBlock: bigint): Promise<bigint[]> {
  const found = await inPortions(watched, async ({ address, topics }) => logs.parse(await client.request({ method: "eth_getLogs", params: [{ address, topics: [...topics], fromBlock: toHex(fromBlock), toBlock: toHex(toBlock) }] })));
  return found.flat().map(({ blockNumber }) => BigInt(blockNumber));
}

async function readBlock(client: Parameters["client"], block: bigint): Promise<Read> {
  const said = await client.request({ method: "eth_getBlockByNumber", params: [toHex(block), false] });
  const bytes = encodeHeader(readHeader(said).fields);
  const [header] = decodeHeaders(bytes, 1);
  if (header === undefined || header.number !== block) throw new ChongwenError({ code: "chain-incomplete", message: `The endpoint answers another block for block ${block}.`, fix: "Use another endpoint (--rpc).", retryable: true });
  return { ...header, bytes, transactions: answer.parse(said).transactions as Hex[] };
}

async function receiptsOf(client: Parameters["client"], { hash, number, receiptsRoot, transactions }: Read, watched: readonly Watched[], isLinked: boolean): Promise<BlockReceipts> {
  const receipts = (await readReceipts(client, hash, transactions)).map(encodeReceipt).sort((a, b) => a.index - b.index);
  const wanted = receipts.filter(({ logs }) => logs.some((log) => isWatched(log, watched))).map(({ index }) => index);
  const { root, proof } = await buildReceiptsProof(receipts.map(({ bytes }) => bytes), wanted, isLinked || receipts.length <= SMALL_BLOCK);
  if (root !== receiptsRoot || receipts.some(({ index, blockHash }, i) => index !== i || blockHash !== hash)) {
    throw protocolError("proof-invalid", `The receipts that the endpoint gives of block ${number} do not make the root ${receiptsRoot} of its header.`);
  }
  return { block: number, ...proof };
}

/** At once where the endpoint offers it. */
async function readReceipts(client: Parameters["client"], block: Hex, transactions: readonly Hex[]): Promise<readonly unknown[]> {
  try {
    const request = client.request as (call: { readonly method: string; readonly params: readonly unknown[] }) => Promise<unknown>;
    return z.array(z.unknown()).parse(await request({ method: "eth_getBlockReceipts", params: [block] }));
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return inPortions(transactions, (hash) => client.request({ method: "eth_getTransactionReceipt", params: [hash] }));
  }
}
