/** `headers.rlp` and `receipts.json`: which blocks lead to the one that everything is as of, and what the contracts said in those that matter. */
import { z } from "zod";
import type { Hex } from "viem";
import { decodeJson, encodeJson, type Json } from "../bundle/canonical-json.ts";
import { protocolError } from "../errors.ts";
import type { Header } from "../proofs/header.ts";
import { decodeHeaders, linkedHeaders, type LinkedHeader } from "../proofs/headers.ts";
import { MOST_RECEIPTS, proveReceipts, type ReceiptsProof } from "../proofs/receipts.ts";
import { bigUint, firstIssue } from "../schema.ts";
import { eventsOf, mayMatter, type LoggedEvent, type Watched } from "./events.ts";
import { DOSSIER_FILES, DOSSIER_LIMITS } from "./manifest.ts";

export const RECEIPTS_FORMAT = "chongwen-receipts";
/** Three weeks of a block a minute; 16 MB. Further back, only the headers of blocks that matter are kept. */
export const MOST_HEADERS = 30_000;

export interface BlockReceipts extends ReceiptsProof {
  readonly block: bigint;
}

/** @param headers Ascending. @param blocks Likewise. */
export interface DossierReceipts {
  readonly headers: readonly LinkedHeader[];
  readonly blocks: readonly BlockReceipts[];
}

const index = z.int().min(0).max(MOST_RECEIPTS);
const node = z.custom<Hex>((value) => typeof value === "string" && /^0x([0-9a-f]{2})+$/.test(value), "expected lower-case bytes");
const schema = z.strictObject({
  format: z.literal(RECEIPTS_FORMAT),
  version: z.literal(1),
  blocks: z.array(z.strictObject({ block: bigUint(64), count: index.nullable(), nodes: z.array(node), receipts: z.array(index) })).max(MOST_HEADERS),
});

export const encodeReceipts = (blocks: readonly BlockReceipts[]): Uint8Array =>
  encodeJson({ format: RECEIPTS_FORMAT, version: 1, blocks: blocks.map((block) => ({ ...block, block: block.block.toString() })) } as unknown as Json);

/** @throws json-invalid, dossier-invalid, header-invalid */
export function decodeReceipts(headers: Uint8Array, receipts: Uint8Array): DossierReceipts {
  const parsed = schema.safeParse(decodeJson(receipts, DOSSIER_FILES.receipts, DOSSIER_LIMITS.receipts));
  if (!parsed.success) throw protocolError("dossier-invalid", `${DOSSIER_FILES.receipts} is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  return { headers: decodeHeaders(headers, MOST_HEADERS), blocks: parsed.data.blocks };
}

/**
 * What the contracts are proven to have said. @param isComplete Every block from the first to the last is linked, and none that may hold an event is left out.
 * @param unlinked Blocks that nothing leads to: what they hold is not taken.
 */
export interface ProvenEvents {
  readonly events: readonly LoggedEvent[];
  readonly isComplete: boolean;
  readonly headers: number;
  readonly receipts: number;
  readonly unlinked: readonly { readonly block: bigint; readonly hash: Hex }[];
}

/**
 * @param anchor The block whose state is proven. @param checkpoints Hashes of other blocks that the reader has compared.
 * @throws proof-invalid: receipts that are not of their block, or that are left out of one that may hold an event
 */
export async function proveEvents({ headers, blocks }: DossierReceipts, anchor: Pick<Header, "hash">, checkpoints: readonly Hex[], watched: readonly Watched[]): Promise<ProvenEvents> {
  const linked = linkedHeaders(headers, [anchor.hash, ...checkpoints]);
  const byNumber = new Map(headers.map((header) => [header.number, header]));
  const first = headers[0]?.number ?? 0n;
  const isChain = headers.at(-1)?.hash === anchor.hash && headers.every(({ hash, number }, i) => linked.has(hash) && number === first + BigInt(i));
  const held = new Map(blocks.map((block) => [block.block, block]));
  if (held.size !== blocks.length) throw protocolError("proof-invalid", "The receipts of a block are there twice.");
  const unlinked: { block: bigint; hash: Hex }[] = [];
  const events: LoggedEvent[] = [];
  let receipts = 0;
  for (const { block, ...proof } of [...blocks].sort((a, b) => (a.block < b.block ? -1 : 1))) {
    const header = byNumber.get(block);
    if (header === undefined) throw protocolError("proof-invalid", `There are receipts of block ${block}, and no header.`);
    const logs = await proveReceipts(header.receiptsRoot, proof, `block ${block}`);
    if (!linked.has(header.hash)) {
      unlinked.push({ block, hash: header.hash });
      continue;
    }
    receipts += proof.receipts.length;
    events.push(...eventsOf(logs, header, proof.count !== null, watched));
  }
  const silent = headers.filter((header) => linked.has(header.hash) && !held.has(header.number) && mayMatter(header, watched));
  const [left] = silent;
  if (isChain && left !== undefined) throw protocolError("proof-invalid", `Block ${left.number} may hold an event of this federation, and its receipts are left out${silent.length === 1 ? "" : ` (and of ${silent.length - 1} more)`}.`);
  const isWhole = blocks.every(({ count }) => count !== null);
  return { events, isComplete: isChain && isWhole, headers: linked.size, receipts, unlinked };
}
