import { apportion } from "./apportion.ts";
import { dataError } from "./errors.ts";
import { Random } from "./random.ts";
import { countClasses, selectRecords, type Records } from "./records.ts";
import type { Table } from "./table.ts";

/** Part of a table: which rows (0-based, ascending), and their records in that order. */
export interface Part {
  readonly rows: readonly number[];
  readonly records: Records;
}

/** A simulated hospital. */
export interface Site extends Part {
  readonly name: string;
  /** records per class, length classCount */
  readonly classCounts: readonly number[];
}

/** A table divided between simulated hospitals and a committee's holdout. Real hospitals never had these parts. */
export interface Split {
  readonly simulated: true;
  readonly seed: number;
  readonly sites: readonly Site[];
  /** Never trained on. */
  readonly holdout: Part;
}

/** Parameters of `splitTable`. */
export interface SplitParameters {
  /** Same seed and table, same split. */
  readonly seed: number;
  /** Number of hospitals, 5 to 16. Default 6. */
  readonly sites?: number;
  /** Share of every class that goes to the holdout. Default 0.25. */
  readonly holdoutShare?: number;
  /** Share of a class that goes to the hospitals which specialise in it; the rest is spread by size. Default 0.85. */
  readonly homeShare?: number;
}

export const SPLIT_DEFAULTS = { sites: 6, holdoutShare: 0.25, homeShare: 0.85 } as const;

/** The last hospital is small: it gets this part of an average hospital's share of its own classes, and nothing of the others. */
const SMALL = 0.8;

/**
 * Splits a table into class-skewed simulated hospitals, one of them small, and a holdout stratified by class.
 *
 * Label skew as in the "pathological" partition of McMahan et al. 2017 (arXiv 1602.05629, §3), softened: each hospital
 * specialises in two neighbouring classes (one, if there are only two) and also sees some of the others.
 * Quotas are apportioned, not drawn, so that every seed has the same sizes and only the patients differ.
 */
export function splitTable(table: Pick<Table, "records">, parameters: SplitParameters): Split {
  const { seed, sites: siteCount, holdoutShare, homeShare } = { ...SPLIT_DEFAULTS, ...parameters };
  check(seed, siteCount, holdoutShare, homeShare);
  const { records } = table;
  const holdout: number[] = [];
  const sites = Array.from({ length: siteCount }, (): number[] => []);
  for (let label = 0; label < records.classCount; label++) {
    const members: number[] = [];
    records.labels.forEach((value, row) => {
      if (value === label) members.push(row);
    });
    new Random(seed, "split", label).shuffle(members);
    const held = Math.min(Math.round(members.length * holdoutShare) || 1, members.length - 1);
    const quotas = apportion(members.length - held, siteShares(label, records.classCount, siteCount, homeShare));
    let start = 0;
    for (const [part, quota] of [[holdout, held] as const, ...sites.map((site, at) => [site, quotas[at] ?? 0] as const)]) {
      for (const row of members.slice(start, start + quota)) part.push(row);
      start += quota;
    }
  }
  fillEmpty(sites);
  return {
    simulated: true,
    seed,
    sites: sites.map((rows, at) => {
      const part = partOf(records, rows);
      return { name: siteName(at), ...part, classCounts: countClasses(part.records) };
    }),
    holdout: partOf(records, holdout),
  };
}

/** What share of one class every hospital should get, the small one last; length siteCount, sum 1. */
function siteShares(label: number, classCount: number, siteCount: number, homeShare: number): number[] {
  const isHome = (site: number): boolean => {
    const first = site % classCount;
    return label === first || (classCount > 2 && label === (first + 1) % classCount);
  };
  const large = Array.from({ length: siteCount - 1 }, (_, site) => site);
  const homes = large.filter(isHome).length;
  const small = isHome(siteCount - 1) ? SMALL / siteCount : 0;
  // A class that no large hospital specialises in (more classes than hospitals) is spread evenly.
  const shares = large.map((site) => {
    if (homes === 0) return 1 / large.length;
    return (isHome(site) ? homeShare / homes : 0) + (1 - homeShare) / large.length;
  });
  return [...shares.map((share) => share * (1 - small)), small];
}

/** Small tables only: gives a hospital that got nothing one record of the largest one. */
function fillEmpty(sites: number[][]): void {
  for (const site of sites) {
    if (site.length > 0) continue;
    const largest = sites.reduce((a, b) => (b.length > a.length ? b : a));
    site.push(...largest.splice(-1));
  }
}

function partOf(records: Records, rows: readonly number[]): Part {
  const ascending = [...rows].sort((a, b) => a - b);
  return { rows: ascending, records: selectRecords(records, ascending) };
}

/** "Hospital A (simulated)" */
export function siteName(at: number): string {
  return `Hospital ${String.fromCharCode(65 + at)} (simulated)`;
}

function check(seed: number, siteCount: number, holdoutShare: number, homeShare: number): void {
  const refuse = (what: string, fix: string): never => {
    throw dataError("data-split", what, fix);
  };
  if (!Number.isSafeInteger(seed)) refuse(`The seed ${seed} is not an integer.`, "Give a whole number.");
  if (!Number.isInteger(siteCount) || siteCount < 5 || siteCount > 16) refuse(`${siteCount} sites were asked for.`, "Ask for 5 to 16.");
  if (!(holdoutShare >= 0.05 && holdoutShare <= 0.5)) refuse(`The holdout share is ${holdoutShare}.`, "Choose it between 0.05 and 0.5.");
  if (!(homeShare >= 0 && homeShare <= 1)) {
    refuse(`The home share is ${homeShare}.`, "Choose it between 0 (all sites alike) and 1 (specialists only).");
  }
}
