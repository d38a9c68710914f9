/**
 * Small counts. A seat with fewer than k records behind it could point to people; none of its contributions is in any number that is shown. All such seats
 * form one lump, of which only the share of the whole ledger is told. If the lump were a single seat, the whole minus what is drawn would be that seat:
 * then the smallest other seat joins it (complementary suppression), until it is at least two seats and k records.
 *
 * Which seats are hidden depends on the whole ledger and on no choice of the reader. So no two views (other rounds, another brush, another measure) differ
 * by a hidden number, and there is nothing to subtract. The price is coarser than cell suppression; see Willenborg and de Waal, 2001, chapters 1 and 4.
 *
 * The ledger itself stays public. This keeps the page and its exports from being a table of small counts; it makes nothing on chain secret.
 */
export const SMALLEST_COUNT = 5;

/** @param hidden 1 for each seat that is not shown. @param seats How many. @param rows Their contributions. */
export interface Withheld {
  readonly smallest: number;
  readonly hidden: Uint8Array;
  readonly seats: number;
  readonly rows: number;
}

interface Columns {
  readonly index: { readonly seats: readonly unknown[] };
  readonly rows: number;
  readonly seats: Uint16Array;
  readonly samples: Uint32Array;
}

export function withholdSmall({ index, rows, seats, samples }: Columns, smallest: number): Withheld {
  const records = new Float64Array(index.seats.length).fill(-1);
  for (let row = 0; row < rows; row++) records[seats[row]!] = Math.max(records[seats[row]!]!, samples[row]!);
  const present = Array.from(records.keys()).filter((seat) => records[seat]! > 0); // a support seat has no records, so nobody behind them
  const hidden = new Uint8Array(index.seats.length);
  const order = present.sort((a, b) => records[a]! - records[b]! || a - b);
  let [count, sum] = [0, 0];
  for (const seat of order) {
    const small = records[seat]! < smallest;
    // Seats in ascending order: first all small ones, then as many of the others as keep the small ones from being told apart.
    if (!small && (count === 0 || (count >= 2 && sum >= smallest))) break;
    hidden[seat] = 1;
    count++;
    sum += records[seat]!;
  }
  let hiddenRows = 0;
  for (let row = 0; row < rows; row++) hiddenRows += hidden[seats[row]!]!;
  return { smallest, hidden, seats: count, rows: hiddenRows };
}
