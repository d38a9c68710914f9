import { toEventSelector } from "viem";
import type { Address, Hex } from "viem";
import { readContract } from "viem/actions";
import { contributorsAbi, datasetsAbi, roundsAbi, seatsAbi, settlementAbi, treasuryAbi } from "../../../protocol/abi/index.ts";
import type { HistorySource } from "./history-chain.ts";
import type { BlockSpan, Emitters, HistoryEntry } from "./history-entry.ts";
import { fingerprint, firstFrom, inOrder, lower, vaultsIn } from "./history-entry.ts";
import { IndexerLied } from "./indexer-client.ts";
import type { Ledger } from "./ledger.ts";

/** Samples of each kind: by position, so that busy times are looked at; and by block, so that silence is. */
const SAMPLES = 4;
/** Logs on either side of a position. */
const REACH = 16;
/** Most blocks of one sample. */
const SPAN = 2_000n;
/** Federations whose own counters are compared: the newest, and others by lot. */
const FEDERATIONS = 8;

export interface CheckParameters {
  readonly ledger: Ledger;
  readonly emitters: Emitters;
  readonly chain: HistorySource;
  readonly entries: readonly HistoryEntry[];
  /** What the indexer claims to have covered. */
  readonly span: BlockSpan;
  readonly signal: AbortSignal;
  /** 0 ≤ random() < 1 */
  readonly random: () => number;
}

/**
 * Compares what an indexer gave with the chain: who spoke, how many of each thing there are, and samples, log by log. A short history is compared whole.
 * @returns How many logs were read from the chain again, of how many: "64/1200".
 * @throws IndexerLied
 */
export async function checkHistory(parameters: CheckParameters): Promise<string> {
  const { entries, emitters, chain, span, signal } = parameters;
  const vaults = vaultsIn(entries, emitters);
  const speakers = new Set([...emitters.fixed, ...vaults]);
  const stranger = entries.find(({ address }) => !speakers.has(address));
  if (stranger !== undefined) throw new IndexerLied("who speaks for this ledger", "its contracts", stranger.address);

  await checkCounters(parameters);

  let compared = 0;
  for (const { from, to } of pickSamples(entries, span, parameters.random)) {
    const expected = await chain.read({ from, to }, vaults, signal);
    const given = entries.slice(firstFrom(entries, from), firstFrom(entries, to + 1n));
    compareLogs(expected, given);
    compared += given.length;
  }
  return `${compared}/${entries.length}`;
}

/** Every field of every log. @throws IndexerLied with the first difference */
export function compareLogs(expected: readonly HistoryEntry[], given: readonly HistoryEntry[]): void {
  for (let i = 0; i < Math.max(expected.length, given.length); i++) {
    const [real, said] = [expected[i], given[i]].map((entry) => (entry === undefined ? "no log" : fingerprint(entry)));
    if (real === said) continue;
    const { blockNumber, logIndex } = inOrder([expected[i], given[i]].filter((entry) => entry !== undefined))[0] ?? { blockNumber: 0n, logIndex: 0 };
    throw new IndexerLied(`log ${logIndex} of block ${blockNumber}`, real ?? "", said ?? "");
  }
}

/** Block ranges to read again: the newest logs always, the rest by lot. They do not overlap. */
export function pickSamples(entries: readonly HistoryEntry[], span: BlockSpan, random: () => number): BlockSpan[] {
  const blocks = span.to - span.from + 1n;
  if (blocks <= 0n) return [];
  if (blocks <= SPAN && entries.length <= 2 * REACH * (2 * SAMPLES + 1)) return [span];
  const around = (position: number): BlockSpan => {
    const middle = entries[position]?.blockNumber ?? span.to;
    // One past the neighbours: the silence between two logs is what an omission hides in.
    const first = entries[position - REACH]?.blockNumber ?? span.from;
    const last = entries[position + REACH]?.blockNumber ?? span.to;
    return { from: larger(first, middle - SPAN / 2n), to: smaller(last, middle + SPAN / 2n) };
  };
  const newest = smaller(entries.at(-2 * REACH)?.blockNumber ?? span.from, span.to - SPAN / 4n);
  const spans = [{ from: larger(newest, larger(span.from, span.to - SPAN + 1n)), to: span.to }];
  for (let i = 0; i < SAMPLES; i++) {
    if (entries.length > 0) spans.push(around(Math.floor(random() * entries.length)));
    const from = span.from + BigInt(Math.floor(random() * Number(blocks)));
    spans.push({ from, to: smaller(span.to, from + SPAN / 4n) });
  }
  return disjoint(spans);
}

function disjoint(spans: readonly BlockSpan[]): BlockSpan[] {
  const merged: BlockSpan[] = [];
  for (const span of spans.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = merged.at(-1);
    if (last !== undefined && span.from <= last.to + 1n) merged[merged.length - 1] = { from: last.from, to: larger(last.to, span.to) };
    else merged.push(span);
  }
  return merged;
}

const EVENTS = {
  federations: toEventSelector(eventOf("FederationCreated")),
  datasets: toEventSelector(eventOf("DatasetProposed")),
  contributors: toEventSelector(eventOf("ContributorRegistered")),
  organisations: toEventSelector(eventOf("OrganisationAdmitted")),
  seats: toEventSelector(eventOf("SeatGranted")),
  sealed: toEventSelector(eventOf("RoundSealed")),
  settled: toEventSelector(eventOf("SettlementFinalised")),
  overturned: toEventSelector(eventOf("SettlementOverturned")),
} as const;

function eventOf(name: string) {
  const found = [...roundsAbi, ...datasetsAbi, ...contributorsAbi, ...seatsAbi, ...settlementAbi].find((item) => item.type === "event" && item.name === name);
  if (found?.type !== "event") throw new Error(`The ABIs have no event ${name}.`);
  return found;
}

/** What the contracts count themselves, against what the logs imply. */
async function checkCounters({ ledger: { client, deployment }, emitters, entries, span, random }: CheckParameters): Promise<void> {
  const { rounds, datasets, contributors, seats, settlement, treasury } = deployment.contracts;
  const at = { blockNumber: span.to } as const;
  const groups = Map.groupBy(entries, ({ address, topics }) => address + (topics[0] ?? ""));
  const said = (address: Address, topic: Hex, federation?: number): HistoryEntry[] =>
    (groups.get(lower(address) + topic) ?? []).filter(({ topics }) => federation === undefined || Number(topics[1]) === federation);
  const same = (what: string, real: number | string, given: number | string): void => {
    if (real !== given) throw new IndexerLied(what, String(real), String(given));
  };

  const [federationCount, datasetCount, contributorCount, organisationCount] = await Promise.all([
    readContract(client, { address: rounds, abi: roundsAbi, functionName: "federationCount", ...at }),
    readContract(client, { address: datasets, abi: datasetsAbi, functionName: "datasetCount", ...at }),
    readContract(client, { address: contributors, abi: contributorsAbi, functionName: "contributorCount", ...at }),
    readContract(client, { address: contributors, abi: contributorsAbi, functionName: "organisationCount", ...at }),
  ]);
  same("number of federations", federationCount, said(rounds, EVENTS.federations).length);
  same("number of datasets", datasetCount, said(datasets, EVENTS.datasets).length);
  same("number of contributors", contributorCount, said(contributors, EVENTS.contributors).length);
  same("number of organisations", organisationCount, said(contributors, EVENTS.organisations).length);

  const vaults = vaultsIn(entries, emitters);
  for (const federation of pickFederations(federationCount, random)) {
    const [head, seatCount, account, vault] = await Promise.all([
      readContract(client, { address: rounds, abi: roundsAbi, functionName: "headOf", args: [federation], ...at }),
      readContract(client, { address: seats, abi: seatsAbi, functionName: "seatCount", args: [federation], ...at }),
      readContract(client, { address: settlement, abi: settlementAbi, functionName: "accountOf", args: [federation], ...at }),
      readContract(client, { address: treasury, abi: treasuryAbi, functionName: "vaultOf", args: [federation], ...at }),
    ]);
    const lastRound = said(rounds, EVENTS.sealed, federation).reduce((last, { topics }) => Math.max(last, Number(topics[2])), 0);
    same(`last round of federation ${federation}`, head.last, lastRound);
    same(`seats of federation ${federation}`, seatCount, said(seats, EVENTS.seats, federation).length);
    // An index is passed when it is settled, and when it was overturned for the 256th time.
    const passed = said(settlement, EVENTS.settled, federation).length + said(settlement, EVENTS.overturned, federation).filter(({ data }) => BigInt(data.slice(0, 66)) === 255n).length;
    same(`settlements of federation ${federation}`, account.nextIndex - 1, passed);
    const opened = !/^0x0*$/.test(vault);
    if (opened && !vaults.includes(lower(vault))) throw new IndexerLied(`vault of federation ${federation}`, vault, "none");
  }
}

function pickFederations(count: number, random: () => number): ReadonlySet<number> {
  if (count <= FEDERATIONS) return new Set(Array.from({ length: count }, (_, i) => i + 1));
  return new Set([count, ...Array.from({ length: FEDERATIONS - 1 }, () => 1 + Math.floor(random() * count))]);
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
