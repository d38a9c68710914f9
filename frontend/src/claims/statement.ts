/** What an account earned and was paid, line by line, and the lines of one year. Quantities only: what a unit is worth is nobody's to say here. Pure. */
import type { Address, Hex } from "viem";
import type { ClaimRecord, FederationHistory, SettlementRecord } from "../chain/book.ts";
import { formatAmount } from "../format/amount.ts";
import { formatCsv } from "../format/csv.ts";
import { isoIn, yearIn } from "../format/zone.ts";
import { sameAddress } from "./balances.ts";
import type { Leaf } from "./balances.ts";
import type { Breakdown } from "./receipt.ts";

export type Unit = "SHU" | "points";

/**
 * `entitlement`: a settlement that became final gave it to a seat of this payee.
 * `received`: a claim paid it to this account. `passed-on`: a claim of this payee was paid to another account, as it had permitted.
 */
export type LineKind = "entitlement" | "received" | "passed-on";

export interface Line {
  readonly kind: LineKind;
  readonly federation: number;
  readonly seat: number;
  /** Of an entitlement. */
  readonly settlement: Pick<SettlementRecord, "index" | "firstRound" | "lastRound"> | undefined;
  readonly quantity: bigint;
  /** Entitlements of a federation in points are points, for ever; what is paid for them is SHU. */
  readonly unit: Unit;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  /** Who the claim paid. */
  readonly recipient: Address | undefined;
}

/** A final settlement whose table and columns were checked. */
export interface SettledPage {
  readonly record: SettlementRecord;
  readonly leaves: readonly Leaf[];
  readonly breakdown: Breakdown;
}

function entitlements({ federation, points }: FederationHistory, pages: readonly SettledPage[], account: string): Line[] {
  return pages.flatMap(({ record, leaves, breakdown }) => {
    const { finalised } = record;
    if (finalised === undefined) return [];
    const own = leaves.filter(({ payee, seat }) => sameAddress(payee, account) && (breakdown.amounts[seat] ?? 0n) > 0n);
    return own.map(({ seat }): Line => {
      const { blockNumber, blockHash, transactionHash } = finalised;
      return { kind: "entitlement", federation, seat, settlement: record, quantity: breakdown.amounts[seat] ?? 0n, unit: points === undefined ? "SHU" : "points", blockNumber, blockHash, transactionHash, recipient: undefined };
    });
  });
}

function payments({ federation, claims }: FederationHistory, account: string): Line[] {
  const line = (kind: LineKind, { seat, amount, blockNumber, blockHash, transactionHash, recipient }: ClaimRecord): Line => ({
    kind, federation, seat, settlement: undefined, quantity: amount, unit: "SHU", blockNumber, blockHash, transactionHash, recipient,
  });
  return claims.flatMap((claim) => {
    if (sameAddress(claim.recipient, account)) return [line("received", claim)];
    return sameAddress(claim.payee, account) ? [line("passed-on", claim)] : [];
  });
}

/** Newest first. */
export function linesOf(federation: FederationHistory, pages: readonly SettledPage[], account: string): readonly Line[] {
  const lines = [...entitlements(federation, pages, account), ...payments(federation, account)];
  return lines.toSorted((a, b) => Number(b.blockNumber - a.blockNumber) || a.seat - b.seat);
}

export interface DatedLine extends Line {
  /** Seconds since 1970, by the chain's clock. */
  readonly at: number;
}

export interface Statement {
  readonly year: number;
  readonly zone: string;
  /** Oldest first. */
  readonly lines: readonly DatedLine[];
  /** In SHU; what was earned in points stands apart. */
  readonly earned: bigint;
  readonly earnedPoints: bigint;
  readonly received: bigint;
  readonly passedOn: bigint;
}

export function yearsOf(lines: readonly DatedLine[], zone: string): readonly number[] {
  return [...new Set(lines.map(({ at }) => yearIn(at, zone)))].toSorted((a, b) => b - a);
}

export function statementOf(lines: readonly DatedLine[], year: number, zone: string): Statement {
  const own = lines.filter(({ at }) => yearIn(at, zone) === year).toSorted((a, b) => a.at - b.at || Number(a.blockNumber - b.blockNumber));
  const sum = (kind: LineKind, unit: Unit = "SHU"): bigint => own.filter((line) => line.kind === kind && line.unit === unit).reduce((total, { quantity }) => total + quantity, 0n);
  return { year, zone, lines: own, earned: sum("entitlement"), earnedPoints: sum("entitlement", "points"), received: sum("received"), passedOn: sum("passed-on") };
}

/** Words for the columns of the file, and the reason of a line. */
export interface StatementWords {
  readonly columns: readonly string[];
  readonly kind: (kind: LineKind) => string;
  readonly reason: (line: Line) => string;
  /** Title of the seat's dataset, or its number: a card's own words, so anything at all. */
  readonly dataset: (line: Line) => string;
}

export function statementCsv(lines: readonly DatedLine[], zone: string, chainId: number, words: StatementWords): string {
  const rows = lines.map((line) => [
    isoIn(line.at, zone),
    zone,
    words.kind(line.kind),
    words.reason(line),
    String(line.federation),
    String(line.seat),
    words.dataset(line),
    formatAmount(line.quantity).replaceAll(",", ""),
    line.unit,
    line.transactionHash,
    String(chainId),
  ]);
  return formatCsv([words.columns, ...rows]);
}
