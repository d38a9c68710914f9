/**
 * Points that somebody signs for, because not everybody can recompute them: sums by seat, so that nothing of a single person stands in them. An issuer that the
 * terms name for the tier signs `TierPoints` in the domain of `Settlement`; what rests on it is *attested*. docs/protocol.md, “Tier points”.
 */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { isAddressEqual, keccak256 } from "viem/utils";
import { concatBytes } from "../bytes.ts";
import { packUints } from "../columns.ts";
import { ChongwenError, protocolError } from "../errors.ts";
import type { Domain } from "../eip712/hash.ts";
import { recoverSigner } from "../eip712/signature.ts";
import { defineStatement } from "../eip712/statement.ts";
import { bigUint, bytes32, firstIssue, uint } from "../schema.ts";
import { POINT_TIERS, type Issuers, type PointTier } from "../terms/terms.ts";

/** Rows of a file: a seat each. */
const MAX_ROWS = 65_536;

/** Seat and points, uint32 and uint64. */
export type PointsRow = readonly [seat: number, points: bigint];

/** @param subject What the points are about: digest of a closing, head of a feedback service's receipts, commitment of a holdout. Once a tier and settlement. */
export type TierPointsStatement = {
  readonly federation: number;
  readonly settlement: number;
  readonly tier: PointTier;
  readonly subject: Hex;
  readonly pointsHash: Hex;
};

export const tierPointsStatement = defineStatement<TierPointsStatement>("TierPoints", [
  "uint32 federation", "uint32 settlement", "string tier", "bytes32 subject", "bytes32 pointsHash",
]);

/** @param points Seats strictly ascending, nothing for nobody. @param signature 64 bytes, as everywhere. */
export interface TierPoints {
  readonly statement: TierPointsStatement;
  readonly points: readonly PointsRow[];
  readonly signature: Hex;
}

const ascending = (rows: readonly PointsRow[]): boolean => rows.every(([seat], i) => i === 0 || rows[i - 1]![0] < seat);

const rowsSchema = z
  .array(z.tuple([uint(32), bigUint(64)]))
  .max(MAX_ROWS)
  .refine(ascending, "seats must ascend, each once")
  .refine((rows) => rows.every(([, points]) => points > 0n), "a seat without points must not be listed");

export const tierPointsSchema = z.strictObject({
  statement: z.strictObject({ federation: uint(32), settlement: uint(32), tier: z.enum(POINT_TIERS), subject: bytes32, pointsHash: bytes32 }),
  points: rowsSchema,
  signature: z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{128}$/.test(value), "expected a signature of 64 bytes"),
});

/** @throws points-invalid */
export function parseTierPoints(value: unknown): TierPoints {
  const parsed = tierPointsSchema.safeParse(value);
  if (!parsed.success) throw protocolError("points-invalid", `The points are malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  return parsed.data;
}

/** `keccak256` of (uint32 seat ‖ uint64 points) for each row. @throws out-of-range */
export function pointsHash(points: readonly PointsRow[]): Hex {
  return keccak256(concatBytes(points.flatMap(([seat, amount]) => [packUints([seat], 4), packUints([amount], 8)])));
}

/** Sums what belongs to one seat, sorts, leaves out what is nothing. @throws points-invalid */
export function createPoints(earned: Iterable<PointsRow>): PointsRow[] {
  const sums = new Map<number, bigint>();
  for (const [seat, amount] of earned) {
    if (amount < 0n) throw protocolError("points-invalid", `Seat ${seat} has ${amount} points.`);
    sums.set(seat, (sums.get(seat) ?? 0n) + amount);
  }
  return [...sums].filter(([, amount]) => amount > 0n).sort(([a], [b]) => a - b);
}

/** @param sign Signs a digest with the issuer's key: 64 bytes. @param points In any order; see `createPoints`. @throws points-invalid, out-of-range */
export async function signTierPoints(
  domain: Domain,
  { points, ...about }: Omit<TierPointsStatement, "pointsHash"> & { readonly points: Iterable<PointsRow> },
  sign: (digest: Hex) => Promise<Hex>,
): Promise<TierPoints> {
  const rows = createPoints(points);
  const statement = { ...about, pointsHash: pointsHash(rows) };
  return { statement, points: rows, signature: await sign(tierPointsStatement.digest(domain, statement)) };
}

/** What a settlement expects of points. @param domain Of `Settlement`. */
export interface PointsContext {
  readonly domain: Domain;
  readonly federation: number;
  readonly settlement: number;
  readonly seatCount: number;
  readonly issuers: Issuers;
}

/** Why these points cannot count, for a person to read; null when they can. */
export async function tierPointsProblem({ statement, points, signature }: TierPoints, { domain, federation, settlement, seatCount, issuers }: PointsContext): Promise<string | null> {
  if (statement.federation !== federation || statement.settlement !== settlement) return `for settlement ${statement.settlement} of federation ${statement.federation}`;
  if (!ascending(points) || points.some(([, amount]) => amount <= 0n)) return "seats that do not ascend, or without points";
  const last = points.at(-1)?.[0] ?? 0;
  if (last >= seatCount) return points.length === 0 ? "no seat at all" : `points for seat ${last} of ${seatCount} seats`;
  if (points.length === 0) return "no points";
  if (pointsHash(points) !== statement.pointsHash) return "other points than those signed for";
  const signer = await issuerOf(domain, statement, signature);
  const listed = signer !== null && issuers[statement.tier].some((issuer) => isAddressEqual(issuer, signer));
  return listed ? null : `signed by ${signer ?? "no key"}, which the terms do not name for ${statement.tier}`;
}

async function issuerOf(domain: Domain, statement: TierPointsStatement, signature: Hex): Promise<Address | null> {
  try {
    return await recoverSigner(tierPointsStatement.digest(domain, statement), signature);
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return null;
  }
}

/** The first file that says again what another one said: the same subject of the same tier counts once, whoever signs for it. */
export function repeatedSubject(files: readonly TierPoints[]): TierPoints | null {
  const seen = new Set<string>();
  for (const file of files) {
    const key = `${file.statement.tier} ${file.statement.subject}`;
    if (seen.has(key)) return file;
    seen.add(key);
  }
  return null;
}

/** Points of one tier by seat. @param seatCount Files have been checked against it. */
export function sumPoints(files: readonly TierPoints[], tier: PointTier, seatCount: number): bigint[] {
  const sums = new Array<bigint>(seatCount).fill(0n);
  for (const { statement, points } of files) {
    if (statement.tier === tier) for (const [seat, amount] of points) sums[seat]! += amount;
  }
  return sums;
}
