/**
 * The member table: who has earned what in total, by seat index. Packed, 36 bytes a seat: payee (20) ‖ cumulative (uint128, big-endian); all zero = absent.
 * One buffer, so that a million members fit 36 MB and hash without an object each.
 */
import type { Address } from "viem";
import { getAddress } from "viem/utils";
import { fromHex, toHex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { packUints } from "../columns.ts";

export const MEMBER_BYTES = 36;

/** @param cumulative 10^−18 SHU ever earned, 0..2^128 − 1. */
export interface Member {
  readonly payee: Address;
  readonly cumulative: bigint;
}

/** @throws out-of-range */
export function packMembers(members: readonly Member[]): Uint8Array {
  const table = new Uint8Array(members.length * MEMBER_BYTES);
  members.forEach(({ payee, cumulative }, i) => {
    if (cumulative === 0n) return;
    table.set(fromHex(payee, 20), i * MEMBER_BYTES);
    table.set(packUints([cumulative], 16), i * MEMBER_BYTES + 20);
  });
  return table;
}

/** Number of seats of a table. @throws column-invalid */
export function memberCount(table: Uint8Array): number {
  if (table.length % MEMBER_BYTES !== 0) throw protocolError("column-invalid", `A member table of ${table.length} bytes is not whole items of ${MEMBER_BYTES}.`);
  return table.length / MEMBER_BYTES;
}

/** Member `index`, or null when absent or beyond the table. */
export function memberAt(table: Uint8Array, index: number): Member | null {
  const item = table.subarray(index * MEMBER_BYTES, (index + 1) * MEMBER_BYTES);
  if (item.length < MEMBER_BYTES) return null;
  const cumulative = BigInt(toHex(item.subarray(20)));
  return cumulative === 0n ? null : { payee: getAddress(toHex(item.subarray(0, 20))), cumulative };
}

/**
 * The next table: `cumulativeᵢ = previousᵢ + eᵢ`. The leaf names the payee of now; a seat that declines now keeps the payee of what it earned before.
 * @param previous Table of the settlement before, empty for the first; may have fewer seats.
 * @throws length-mismatch, out-of-range
 */
export function accumulate(previous: Uint8Array, amounts: readonly bigint[], payees: readonly Address[]): Uint8Array {
  if (amounts.length !== payees.length || memberCount(previous) > amounts.length) {
    throw protocolError("length-mismatch", `${amounts.length} amounts, ${payees.length} payees, ${memberCount(previous)} members before.`);
  }
  const members = amounts.map((amount, i): Member => {
    const before = memberAt(previous, i);
    const declined = BigInt(payees[i]!) === 0n;
    if (declined && amount !== 0n) throw protocolError("out-of-range", `Seat ${i} declines payment but has an entitlement of ${amount}.`);
    return { payee: declined && before !== null ? before.payee : payees[i]!, cumulative: (before?.cumulative ?? 0n) + amount };
  });
  return packMembers(members);
}

/** Sum of all cumulative amounts. */
export function memberTotal(table: Uint8Array): bigint {
  let total = 0n;
  for (let i = 0; i < memberCount(table); i++) total += memberAt(table, i)?.cumulative ?? 0n;
  return total;
}
