/** Amounts of tokens (10^−18 SHU, 96 bits) as three 32-bit limbs, lowest first: columns of them can be summed without losing a unit. */

const LIMB = 2n ** 32n;

export function limbsOf(amount: bigint): readonly [number, number, number] {
  return [Number(amount % LIMB), Number((amount / LIMB) % LIMB), Number(amount / LIMB ** 2n)];
}

/** From limbs, or from sums of limbs: each may be as large as a double holds exactly. */
export function amountOf(low: number, middle: number, high: number): bigint {
  return BigInt(low) + BigInt(middle) * LIMB + BigInt(high) * LIMB ** 2n;
}

/** Big-endian, 12 bytes a seat: the column that a settlement's `entitlementsHash` is the hash of. */
export function entitlementColumn(limbs: Uint32Array): Uint8Array {
  const column = new Uint8Array(limbs.length * 4);
  const view = new DataView(column.buffer);
  for (let i = 0; i < limbs.length; i += 3) {
    view.setUint32(4 * i, limbs[i + 2]!);
    view.setUint32(4 * i + 4, limbs[i + 1]!);
    view.setUint32(4 * i + 8, limbs[i]!);
  }
  return column;
}
