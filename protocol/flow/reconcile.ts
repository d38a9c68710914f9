/** Whether the table is what the chain committed to. What the chain was not asked, or does not say, is called unchecked: never agreed. */
import type { Hex } from "../bytes.ts";
import { columnHash, packUints } from "../columns.ts";
import { entitlementColumn } from "./amount.ts";
import { everything, total } from "./group.ts";
import { entitled } from "./pools.ts";
import { tokensOf, type FlowTable } from "./table.ts";
import { FATE, isAccepted } from "./fate.ts";

/**
 * What the chain says, from its own events. @param settlements By index. @param rounds Hash of the weights column of the standing seal, by round.
 */
export interface ChainTotals {
  readonly settlements: ReadonlyMap<number, { readonly distributed: bigint; readonly entitlementsHash: Hex }>;
  readonly rounds: ReadonlyMap<number, Hex>;
}

export const UNASKED: ChainTotals = { settlements: new Map(), rounds: new Map() };

export interface Tally {
  readonly agree: number;
  readonly differ: number;
  readonly unchecked: number;
  /** Numbers of the first few that differ. */
  readonly differing: readonly number[];
}

/**
 * @param distributed Sum of the entitlements = what the settlement distributed. @param entitlements Their column = the hash that operators signed.
 * @param weights A round's weights column = the hash in its seal. @param conserved Sum over contributions = sum of the entitlements.
 */
export interface Reconciliation {
  readonly distributed: Tally;
  readonly entitlements: Tally;
  readonly weights: Tally;
  readonly conserved: boolean;
}

type Verdict = "agree" | "differ" | "unchecked";

function tally(verdicts: readonly (readonly [number, Verdict])[]): Tally {
  const count = (wanted: Verdict): number => verdicts.filter(([, verdict]) => verdict === wanted).length;
  const differing = verdicts.filter(([, verdict]) => verdict === "differ").map(([number]) => number);
  return { agree: count("agree"), differ: differing.length, unchecked: count("unchecked"), differing: differing.slice(0, 5) };
}

const judge = <Value>(expected: Value | undefined, actual: () => Value): Verdict => (expected === undefined ? "unchecked" : expected === actual() ? "agree" : "differ");

export function reconcile(table: FlowTable, chain: ChainTotals): Reconciliation {
  const settled = table.index.epochs.flatMap(({ settlement }, i) => (settlement === null ? [] : [{ index: settlement.index, entitlements: table.epochs[i]!.entitlements }]));
  const shown = everything(table);
  const all = { ...shown, seats: shown.seats.map(() => 1) };
  const given = table.epochs.reduce((sum, { entitlements }) => sum + entitled(entitlements), 0n);
  const unplaced = tokensOf(table).unplaced.reduce((a, b) => a + b, 0n);
  return {
    distributed: tally(settled.map(({ index, entitlements }) => [index, judge(chain.settlements.get(index)?.distributed, () => entitled(entitlements))])),
    entitlements: tally(settled.map(({ index, entitlements }) => [index, judge(chain.settlements.get(index)?.entitlementsHash, () => columnHash(entitlementColumn(entitlements)))])),
    weights: tally([...table.roundNumbers].map((number, round) => [number, judge(chain.rounds.get(number), () => columnHash(weightsColumn(table, round)))])),
    conserved: total(table, "tokens", all) + unplaced === given,
  };
}

/** A round's weights as its seal committed to them: nothing for what the contract dropped, else what was offered, also where the report excludes it. */
export function weightsColumn(table: FlowTable, round: number): Uint8Array {
  const [from, to] = [table.offsets[round]!, table.offsets[round + 1]!];
  const weights = Array.from(table.weights.subarray(from, to), (weight, i) => (isDropped(table.fates[from + i]!) ? 0 : weight));
  return packUints(weights, 2);
}

function isDropped(fate: number): boolean {
  return !isAccepted(fate) && fate !== FATE.withheld && fate !== FATE.void;
}
