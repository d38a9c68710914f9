// How the records of a pool are divided between the sites of a federation.
import { apportion } from "../../scripts/data/apportion.ts";
import { Random } from "../../scripts/data/index.ts";
import type { Dataset } from "../data/dataset.ts";
import { type Federation, honestClient } from "./client.ts";

const HOMES_PER_SITE = 5;
const HOME_SITES = 6;
const SKEWED_SITES = 6;
/** Of a class, this much goes to the sites that specialise in it. */
const HOME_SHARE = 0.7;

/** Every site gets as much of each class (of each home, for amounts) as any other. */
export function equalSites(dataset: Dataset, pool: readonly number[], count: number, seed: number): Federation {
  const kind = dataset.classes > 0 ? dataset.truth : dataset.origin;
  const groups = Map.groupBy(pool, (row) => kind[row] as number);
  const rows = Array.from({ length: count }, (): number[] => []);
  let next = 0;
  for (const key of [...groups.keys()].sort((a, b) => a - b)) {
    for (const row of new Random(seed, "equal", key).shuffle([...(groups.get(key) ?? [])])) rows[next++ % count]?.push(row);
  }
  return { clients: rows.map((own, i) => honestClient(dataset, `site ${i + 1}`, own)), sourceOf: null };
}

/** Sites as unlike as they are: the real sources of the images, neighbouring homes, or simulated hospitals that each specialise in two diseases. */
export function unlikeSites(dataset: Dataset, pool: readonly number[], seed: number): Federation {
  if (dataset.name === "skin") return byOrigin(dataset, pool, (origin) => origin);
  if (dataset.classes === 0) return byOrigin(dataset, pool, (origin) => Math.min(Math.floor(origin / HOMES_PER_SITE), HOME_SITES - 1));
  const rows = Array.from({ length: SKEWED_SITES }, (): number[] => []);
  for (let label = 0; label < dataset.classes; label++) {
    const members = new Random(seed, "skewed", label).shuffle(pool.filter((row) => dataset.truth[row] === label));
    const isHome = (site: number): boolean => site % dataset.classes === label || (site + 1) % dataset.classes === label;
    const homes = rows.filter((_, site) => isHome(site)).length;
    const quotas = apportion(members.length, rows.map((_, site) => (isHome(site) ? HOME_SHARE / homes : 0) + (1 - HOME_SHARE) / SKEWED_SITES));
    quotas.forEach((quota, site) => rows[site]?.push(...members.splice(0, quota)));
  }
  return { clients: rows.map((own, i) => honestClient(dataset, `hospital ${i + 1}`, own)), sourceOf: null };
}

function byOrigin(dataset: Dataset, pool: readonly number[], siteOf: (origin: number) => number): Federation {
  const sourceOf = (row: number): number => siteOf(dataset.origin[row] as number);
  const groups = Map.groupBy(pool, sourceOf);
  const named = groups.size === dataset.origins.length;
  const clients = [...groups.keys()].sort((a, b) => a - b).map((source) => {
    const name = (named && dataset.origins[source]) || `group ${source + 1}`;
    return { ...honestClient(dataset, name, groups.get(source) ?? []), source };
  });
  return { clients, sourceOf };
}
