/** From a ledger's events and bundles to a flow. What a bundle says is compared with the hashes of the events first; what cannot be had is named, not guessed. */
import type { Address, Hex } from "viem";
import { COLUMN_WIDTHS, columnHash, packUints, unpackNumbers, unpackUints } from "../columns.ts";
import { sealHash } from "../eip712/hash.ts";
import { protocolError } from "../errors.ts";
import { readFile, type BundleReader } from "../bundle/reader.ts";
import { readRoundManifest, ROUND_FILES } from "../bundle/round-manifest.ts";
import { SETTLEMENT_FILES } from "../bundle/settlement-manifest.ts";
import { epochColumns, type ReadRound, type Span } from "./build-columns.ts";
import { encodeEpoch } from "./epoch-file.ts";
import { isSupportSeat } from "../seats.ts";
import { fileHash, FLOW_FORMAT, type FlowEpoch, type FlowIndex } from "./index-file.ts";
import type { ChainTotals } from "./reconcile.ts";
import type { Replayed, RoundState, SettlementState } from "./replay.ts";

/** @param open The bundle with this digest; a failure of its `read` means that it cannot be had now. */
export interface FlowSource {
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly block: bigint;
  readonly state: Replayed;
  readonly open: (artefact: Hex) => BundleReader;
}

/** @param missing Rounds and settlements whose bundles could not be read or are not what the chain says: nothing of them is in the flow. */
export interface BuiltFlow {
  readonly index: FlowIndex;
  readonly files: readonly Uint8Array[];
  readonly chain: ChainTotals;
  readonly missing: { readonly rounds: readonly number[]; readonly settlements: readonly number[] };
}

export async function buildFlow(source: FlowSource): Promise<BuiltFlow> {
  const { state, federation } = source;
  const missing = { rounds: [] as number[], settlements: [] as number[] };
  const read = new Map<number, ReadRound>();
  for (const [number, round] of state.rounds) {
    if (round.report === null) continue;
    const entries = await readRound(source, round);
    if (entries === null) missing.rounds.push(number);
    else read.set(number, entries);
  }
  const datasets = [...state.datasets.keys()].sort((a, b) => a - b);
  const organisations = [...new Set(state.organisations)].sort((a, b) => a - b);
  const epochs: FlowEpoch[] = [];
  const files: Uint8Array[] = [];
  for (const [i, span] of spansOf(state).entries()) {
    const amounts = span.settlement === null ? null : await readEntitlements(source, span.settlement);
    if (span.settlement !== null && amounts === null) missing.settlements.push(span.settlement.statement.index);
    const bytes = encodeEpoch({ synthetic: false, federation, epoch: i + 1, firstRound: span.first, ...epochColumns(state, span, read, amounts) });
    files.push(bytes);
    epochs.push(await entryOf(state, span, i + 1, bytes, amounts !== null));
  }
  const index: FlowIndex = {
    format: FLOW_FORMAT,
    version: 1,
    synthetic: null,
    chainId: source.chainId,
    ledger: source.ledger,
    federation,
    block: source.block,
    datasets: datasets.map((id) => {
      const { gate, held, proposal } = state.datasets.get(id)!;
      return { id, name: null, gate: held ? ("shut" as const) : gate, proposal };
    }),
    institutions: organisations.map((id) => ({ id, name: null })),
    seats: state.seats.map(({ contributor, dataset }) => {
      const { organisation, payee } = state.contributors.get(contributor) ?? { organisation: -1, payee: null };
      return { contributor, institution: organisations.indexOf(organisation), dataset: isSupportSeat({ dataset }) ? null : datasets.indexOf(dataset), payee };
    }),
    epochs,
  };
  return { index, files, chain: totalsOf(state), missing };
}

/** What the chain commits to, to compare a flow with, wherever that came from. */
export function totalsOf({ settlements, rounds }: Replayed): ChainTotals {
  return {
    settlements: new Map([...settlements].map(([index, { statement }]) => [index, { distributed: statement.distributed, entitlementsHash: statement.entitlementsHash }])),
    rounds: new Map([...rounds].flatMap(([number, { report, weightsHash }]) => (report === null ? [] : [[number, weightsHash] as const]))),
  };
}

/** Rounds of each settlement in turn, then those that none covers. */
function spansOf({ rounds, settlements }: Replayed): Span[] {
  const spans: Span[] = [...settlements.values()]
    .sort((a, b) => a.statement.index - b.statement.index)
    .map((settlement) => ({ first: settlement.statement.firstRound, last: settlement.statement.lastRound, settlement }));
  const newest = Math.max(0, ...rounds.keys());
  const settled = spans.at(-1)?.last ?? 0;
  return newest > settled ? [...spans, { first: settled + 1, last: newest, settlement: null }] : spans;
}

/** Seats and weights of a round: from the bundle, as the seal on chain commits to them. Null when they cannot be had. */
async function readRound({ open }: FlowSource, { report, sealHash: sealed, weightsHash }: RoundState): Promise<ReadRound | null> {
  try {
    const reader = open(report!.artefact);
    const { entries, seal } = await readRoundManifest(reader);
    const weights = await readFile(reader, ROUND_FILES.weights, COLUMN_WIDTHS.weights * entries.length + 1);
    const seats = entries.map(({ seat }) => seat);
    const same = columnHash(weights) === weightsHash && sealHash(seal, weightsHash) === sealed && columnHash(packUints(seats, COLUMN_WIDTHS.seats)) === seal.seatsHash;
    return same ? { seats, weights: unpackNumbers(weights, COLUMN_WIDTHS.weights) } : null;
  } catch {
    return null;
  }
}

/** What each seat was given. Null when the column cannot be had or is not the one that the operators signed. */
async function readEntitlements({ open, state }: FlowSource, { statement }: SettlementState): Promise<readonly bigint[] | null> {
  try {
    const column = await readFile(open(statement.artefact), SETTLEMENT_FILES.entitlements, COLUMN_WIDTHS.entitlements * state.seats.length + 1);
    return columnHash(column) === statement.entitlementsHash ? unpackUints(column, COLUMN_WIDTHS.entitlements) : null;
  } catch {
    return null;
  }
}

async function entryOf(state: Replayed, { first, last, settlement }: Span, epoch: number, bytes: Uint8Array, known: boolean): Promise<FlowEpoch> {
  const reports = [...state.rounds].flatMap(([round, { report }]) => (report === null || round < first || round > last ? [] : [{ round, ...report }])).sort((a, b) => a.round - b.round);
  const final = reports.filter(({ round }) => state.rounds.get(round)?.state === "final");
  if (last - first >= 4096) throw protocolError("flow-invalid", `Rounds ${first} to ${last} are more than an epoch of a flow holds.`);
  return {
    epoch,
    file: `epoch-${epoch}.bin`,
    bytes: bytes.length,
    hash: await fileHash(bytes),
    rows: new DataView(bytes.buffer, bytes.byteOffset).getUint32(28, true),
    firstRound: first,
    lastRound: last,
    modelRoot: final.at(-1)?.modelRoot ?? null,
    settlement:
      settlement === null || !known
        ? null
        : {
            index: settlement.statement.index,
            state: settlement.state,
            pool: settlement.pool,
            distributed: settlement.statement.distributed,
            entitlementsHash: settlement.statement.entitlementsHash,
            transaction: settlement.transaction,
          },
    rounds: reports.map(({ round, hash, artefact, transaction }) => ({ round, reportHash: hash, artefact, transaction, weight: null })),
  };
}
