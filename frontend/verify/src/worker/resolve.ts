/** From what a reader has in hand (a hash, a transaction, a folder) to the entry of the ledger that it belongs to. */
import type { Hex } from "viem";
import { decodeEventLog } from "viem/utils";
import { z } from "zod";
import { roundsAbi, settlementAbi } from "../../../../protocol/abi/index.ts";
import { MANIFEST } from "../../../../protocol/bundle/files.ts";
import type { Deployment } from "../../../../protocol/deployment.ts";
import type { LedgerFacts } from "../../../../protocol/ledger/facts.ts";
import { logSchema } from "../chain/client.ts";
import type { Quorum } from "../chain/quorum.ts";
import type { ArtefactCache } from "../store/artefacts.ts";
import type { Subject } from "../subject.ts";
import { findInManifest, findOnChain, type Found } from "./find.ts";

export interface Target {
  readonly subject: Subject;
  readonly federation: number;
  readonly found: readonly Found[];
}

/** Manifests that are searched for a hash, newest first. */
const SEARCHED = 48;

const receiptSchema = z.looseObject({ status: z.string(), logs: z.array(logSchema) });
const entrySchema = z.looseObject({ federation: z.union([z.number(), z.bigint()]), round: z.union([z.number(), z.bigint()]).optional(), index: z.union([z.number(), z.bigint()]).optional() });

/** The round or settlement that a transaction sealed, reported or proposed. Null when it is unknown, failed, or did none of this on this ledger. */
export async function resolveTransaction(quorum: Quorum, { contracts }: Deployment, hash: Hex): Promise<Target | null> {
  const receipt = receiptSchema.safeParse(await quorum.request({ method: "eth_getTransactionReceipt", params: [hash] }));
  if (!receipt.success || receipt.data.status !== "0x1") return null;
  for (const { address, topics, data } of receipt.data.logs) {
    const of = (contract: string): boolean => address.toLowerCase() === contract.toLowerCase();
    if (!of(contracts.rounds) && !of(contracts.settlement)) continue;
    const log = { topics: topics as [Hex, ...Hex[]], data };
    const entry = entrySchema.safeParse(decoded(() => decodeEventLog({ abi: of(contracts.rounds) ? roundsAbi : settlementAbi, ...log }).args));
    if (!entry.success) continue;
    const { federation, round, index } = entry.data;
    const number = of(contracts.rounds) ? round : index;
    if (number === undefined) continue;
    const kind = of(contracts.rounds) ? "round" : "settlement";
    return { subject: { kind, number: Number(number) }, federation: Number(federation), found: [{ entry: kind, number: Number(number), what: "transaction", path: null }] };
  }
  return null;
}

function decoded(decode: () => unknown): unknown {
  try {
    return decode();
  } catch {
    return null;
  }
}

/** Everything of the ledger that has this hash, on chain or listed by a bundle. */
export async function findHashes(facts: LedgerFacts, cache: ArtefactCache, hashes: readonly Hex[]): Promise<Found[]> {
  const found = hashes.flatMap((hash) => findOnChain(facts, hash));
  if (found.length > 0) return found;
  const entries = [
    ...facts.rounds.flatMap(({ round, report }) => (report === null ? [] : [{ entry: "round" as const, number: round, artefact: report.artefact }])),
    ...facts.settlements.map(({ index, artefact }) => ({ entry: "settlement" as const, number: index, artefact })),
  ];
  for (const { entry, number, artefact } of entries.slice(-SEARCHED).reverse()) {
    const manifest = await readManifest(cache, artefact);
    for (const hash of hashes) found.push(...findInManifest(manifest, hash).map((place) => ({ entry, number, ...place })));
    if (found.length > 0) return found;
  }
  return found;
}

async function readManifest(cache: ArtefactCache, artefact: Hex): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await (await cache.open(artefact)).read(MANIFEST, 2 ** 24)));
  } catch {
    return null;
  }
}

/** The entry to recompute for what was found: a round or settlement; of a dataset's card or the vault there is nothing more to recompute. */
export function targetOf(found: readonly Found[], federation: number, asked: Subject): Target {
  const entry = found.find((place) => place.entry === "round" || place.entry === "settlement");
  if (entry === undefined) return { subject: asked, federation, found };
  return { subject: { kind: entry.entry === "round" ? "round" : "settlement", number: entry.number }, federation, found };
}

const headSchema = z.looseObject({ format: z.string(), federation: z.int().min(0).optional(), round: z.int().min(0).optional(), statement: z.looseObject({ index: z.int().min(0) }).optional() });

/** What a dropped folder says of itself. */
export function bundleSubject(manifest: Uint8Array | undefined): { readonly subject: Subject; readonly federation: number } | null {
  const head = headSchema.safeParse(decoded(() => JSON.parse(new TextDecoder().decode(manifest)) as unknown));
  if (!head.success) return null;
  const { format, federation = 1, round, statement } = head.data;
  if (format === "chongwen-round" && round !== undefined) return { subject: { kind: "round", number: round }, federation };
  if (format === "chongwen-settlement" && statement !== undefined) return { subject: { kind: "settlement", number: statement.index }, federation };
  return null;
}
