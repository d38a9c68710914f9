/** Columns of at most so many nodes: the largest, and one for all others; or spans of what has an order. Folding only adds, so nothing is lost. */
import { exact } from "./group.ts";

/** @param slotOf From a position to its slot, −1 = in none. */
export interface Folding {
  readonly slots: number;
  readonly slotOf: Int32Array;
  key(slot: number): string;
  members(slot: number): readonly number[];
  isOther(slot: number): boolean;
}

/** The number at a position of limb sums. */
export function sumAt(limbs: readonly Float64Array[], at: number): bigint {
  return exact(limbs.map((limb) => limb[at]!));
}

/** For sorting: the larger first. */
export function descending(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? -1 : 1;
}

/** The `most` largest positions, largest first, and `other` for the rest. Equal ones in their order, so that a view is the same on every machine. */
export function foldLargest(name: string, limbs: readonly Float64Array[], most: number): Folding {
  const count = limbs[0]!.length;
  const values = Array.from({ length: count }, (_, i) => sumAt(limbs, i));
  const ranked = [...values.keys()].filter((i) => values[i]! > 0n).sort((a, b) => descending(values[a]!, values[b]!) || a - b);
  // An `other` of one would hide what could as well be shown.
  const shown = ranked.length <= most + 1 ? ranked : ranked.slice(0, most);
  const rest = ranked.slice(shown.length).sort((a, b) => a - b);
  const slotOf = new Int32Array(count).fill(-1);
  shown.forEach((i, slot) => (slotOf[i] = slot));
  for (const i of rest) slotOf[i] = shown.length;
  return {
    slots: shown.length + (rest.length > 0 ? 1 : 0),
    slotOf,
    key: (slot) => (slot === shown.length ? `${name}:other` : `${name}:${shown[slot]}`),
    members: (slot) => (slot === shown.length ? rest : [shown[slot]!]),
    isOther: (slot) => slot === shown.length,
  };
}

/**
 * Slots in a given order. @param spans What each slot stands for: one number, or first and last. For bands, position is slot; for others, positions between.
 */
export function foldSpans(name: string, count: number, spans: readonly (readonly number[])[]): Folding {
  const slotOf = new Int32Array(count).fill(-1);
  spans.forEach((span, slot) => {
    if (name === "band") slotOf[slot] = slot;
    else for (let i = span[0]!; i <= (span[1] ?? span[0]!); i++) slotOf[i] = slot;
  });
  return {
    slots: spans.length,
    slotOf,
    key: (slot) => `${name}:${[...new Set(spans[slot])].join("-")}`,
    members: (slot) => spans[slot]!,
    isOther: () => false,
  };
}

/** Flows between two folded columns. */
export interface Matrix {
  add(limb: number, from: number, to: number, value: number): void;
  links(): { source: string; target: string; value: bigint }[];
  total(): bigint;
}

export function createMatrix(from: Folding, to: Folding, width: number): Matrix {
  const cells = Array.from({ length: width }, () => new Float64Array(from.slots * to.slots));
  const each = function* (): Generator<{ source: string; target: string; value: bigint }> {
    for (let i = 0; i < from.slots; i++) {
      for (let j = 0; j < to.slots; j++) {
        const value = sumAt(cells, i * to.slots + j);
        if (value > 0n) yield { source: from.key(i), target: to.key(j), value };
      }
    }
  };
  return {
    add(limb, i, j, value) {
      if (value === 0) return;
      cells[limb]![from.slotOf[i]! * to.slots + to.slotOf[j]!]! += value;
    },
    links: () => [...each()],
    total: () => [...each()].reduce((sum, { value }) => sum + value, 0n),
  };
}
