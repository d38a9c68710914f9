/** The Catalogue: institution × rounds, what each brought when. Its rows and columns are what the Atlas can be brushed by. */
import { FATE_COUNT, isAccepted } from "./fate.ts";
import { descending } from "./fold.ts";
import { exact, sumBy } from "./group.ts";
import { bandsOf, filterOf, type Query } from "./query.ts";
import type { FlowTable } from "./table.ts";

export const CATALOGUE_ROWS = 40;
export const CATALOGUE_BANDS = 48;

/** @param institution Position in the index; −1 = all others together. @param cells One a band. */
export interface CatalogueRow {
  readonly institution: number;
  readonly members: number;
  readonly total: bigint;
  readonly cells: readonly bigint[];
}

/** @param bands First and last round of each. @param counted,rejected Of each band, all institutions together. */
export interface Catalogue {
  readonly bands: readonly { readonly from: number; readonly to: number }[];
  readonly rows: readonly CatalogueRow[];
  readonly counted: readonly bigint[];
  readonly rejected: readonly bigint[];
  readonly largest: bigint;
}

/** The catalogue shows every institution and round, whatever is brushed: the brush is drawn on it. */
export function drawCatalogue(table: FlowTable, query: Query): Catalogue {
  const filter = filterOf(table, { ...query, institutions: null, from: null, to: null });
  const { bands, spans } = bandsOf(filter.rounds, CATALOGUE_BANDS);
  const { limbs } = sumBy(table, query.measure, filter, bands);
  const count = spans.length;
  const cell = (institution: number, band: number): bigint => exact(limbs.map(({ institutionBand }) => institutionBand[institution * count + band]!));
  const rows = table.index.institutions
    .map((_, institution): CatalogueRow => {
      const cells = spans.map((_, band) => cell(institution, band));
      return { institution, members: 1, total: cells.reduce((a, b) => a + b, 0n), cells };
    })
    .filter(({ total }) => total > 0n)
    .sort((a, b) => descending(a.total, b.total) || a.institution - b.institution);
  const shown = rows.length <= CATALOGUE_ROWS + 1 ? rows : rows.slice(0, CATALOGUE_ROWS);
  const rest = rows.slice(shown.length);
  if (rest.length > 0) {
    const cells = spans.map((_, band) => rest.reduce((sum, row) => sum + row.cells[band]!, 0n));
    shown.push({ institution: -1, members: rest.length, total: cells.reduce((a, b) => a + b, 0n), cells });
  }
  const rejected = spans.map((_, band) =>
    Array.from({ length: FATE_COUNT }, (_, fate) => (isAccepted(fate) ? 0n : exact(limbs.map(({ bandFate }) => bandFate[band * FATE_COUNT + fate]!)))).reduce((a, b) => a + b, 0n),
  );
  const all = spans.map((_, band) => shown.reduce((sum, row) => sum + row.cells[band]!, 0n));
  return {
    bands: spans.map(({ first, last }) => ({ from: table.roundNumbers[first]!, to: table.roundNumbers[last]! })),
    rows: shown,
    counted: all.map((value, band) => value - rejected[band]!),
    rejected,
    largest: shown.filter(({ institution }) => institution >= 0).reduce((most, row) => row.cells.reduce((a, b) => (a > b ? a : b), most), 0n),
  };
}
