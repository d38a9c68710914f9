/** What all seeds together come to. */
import { RPC_FAULTS } from "./rpc-faults.ts";
import type { KillPoints } from "./plan.ts";
import type { Problem } from "./run.ts";
import type { SeedResult } from "./worker.ts";

export interface Failure {
  readonly seed: number;
  readonly again: string;
  readonly plan: readonly string[];
  readonly problems: readonly Problem[];
}

export interface Summary {
  readonly ok: boolean;
  readonly seeds: number;
  readonly failures: readonly Failure[];
  /** Seeds in which something was on the chain twice, never came to its end, or was signed and wrong. */
  readonly duplicated: number;
  readonly lost: number;
  readonly wrong: number;
  /** Seeds that had each. */
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: Readonly<Record<string, number>>;
  /** What no seed got to, though so many seeds should. */
  readonly unused: readonly string[];
  /** Largest growth of a playing process, in megabytes and open handles, from its tenth seed to its last. */
  readonly leaked: { readonly megabytes: number; readonly handles: number };
  readonly seconds: number;
}

/** Seeds from which on everything must have been used. */
export const WHOLE = 200;

const OTHER_FAULTS = ["disk full", "clock skew of the machine", "two submit at once", "bundle with a bent model", "bundle with a forged signature", "bundle with a wrong base"] as const;
export const again = (seed: number): string => `npm run test:chaos -- --seed ${seed}`;

export function summarise(results: readonly SeedResult[], points: KillPoints, leaked: Summary["leaked"], seconds: number): Summary {
  const failures = results.filter(({ problems }) => problems.length > 0).map(({ seed, plan, problems }) => ({ seed, again: again(seed), plan, problems })).toSorted((a, b) => a.seed - b.seed);
  const having = (kind: Problem["kind"]): number => failures.filter(({ problems }) => problems.some((problem) => problem.kind === kind)).length;
  const faults = sum(results.map((result) => result.faults));
  const kills = sum(results.map((result) => result.kills));
  const unused = [
    ...[...RPC_FAULTS, ...OTHER_FAULTS].filter((name) => !(name in faults)),
    ...Array.from({ length: 32 }, (_, i) => `reorganisation of depth ${i + 1}`).filter((name) => !(name in faults)),
    ...[...Object.keys(points), "at random"].filter((name) => !(name in kills)).map((name) => `kill ${name}`),
  ];
  const covered = results.length < WHOLE || unused.length === 0;
  return { ok: failures.length === 0 && covered && results.length > 0, seeds: results.length, failures, duplicated: having("duplicated"), lost: having("lost"), wrong: having("wrong"), faults, kills, unused, leaked, seconds: Math.round(seconds) };
}

function sum(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const one of all) for (const name of Object.keys(one)) total[name] = (total[name] ?? 0) + 1;
  return Object.fromEntries(Object.entries(total).toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true })));
}
