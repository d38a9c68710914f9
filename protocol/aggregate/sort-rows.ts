/**
 * Sorts every column of a block at once with a sorting network: whole rows are compared and exchanged, so the inner loop has no branch that depends
 * on data. Source: K. E. Batcher, "Sorting networks and their applications", 1968, in the form of Knuth, TAOCP vol. 3, algorithm 5.2.2M (any n).
 */

/** Pairs (upper, lower) of rows to compare and exchange, in order, for n rows. Flat: 2 entries a pair. */
export function sortingNetwork(n: number): Uint16Array {
  const pairs: number[] = [];
  if (n < 2) return Uint16Array.from(pairs);
  const top = 2 ** (Math.ceil(Math.log2(n)) - 1);
  for (let p = top; p >= 1; p /= 2) {
    let q = top;
    let r = 0;
    let d = p;
    for (;;) {
      for (let i = 0; i < n - d; i++) if ((i & p) === r) pairs.push(i, i + d);
      if (q === p) break;
      d = q - p;
      q /= 2;
      r = p;
    }
  }
  return Uint16Array.from(pairs);
}

/** Sorts each column of `block` ascending from row 0. @param block Rows of `width` lanes each, one after the other. */
export function sortRows(block: Int16Array, width: number, network: Uint16Array): void {
  for (let k = 0; k < network.length; k += 2) {
    let upper = network[k]! * width;
    let lower = network[k + 1]! * width;
    for (let x = 0; x < width; x++, upper++, lower++) {
      const a = block[upper]!;
      const b = block[lower]!;
      block[upper] = Math.min(a, b);
      block[lower] = Math.max(a, b);
    }
  }
}
