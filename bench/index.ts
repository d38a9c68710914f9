// `npm run bench -- [group …] [--json]`: what the product costs, against its targets and what is known elsewhere. Targets live here and not in tests,
// so that a busy machine fails nothing.
import type { Metric } from "./metric.ts";

type Bench = () => Promise<{ run(): Promise<Metric[]> }>;

const GROUPS: Readonly<Record<string, readonly Bench[]>> = {
  round: [() => import("./round-gas.ts"), () => import("./claim-gas.ts"), () => import("./commit.ts"), () => import("./accuracy.ts")],
  commit: [() => import("./commit.ts")],
  rewards: [() => import("./rewards-tree.ts")],
  store: [() => import("./store.ts")],
  audit: [() => import("./audit.ts")],
  web: [() => import("./web-dapp.ts"), () => import("./web-flow.ts")],
  scoring: [() => import("./scoring/index.ts")],
  privacy: [() => import("./scoring-privacy.ts")],
  oracle: [() => import("./oracle/intake.ts"), () => import("./oracle/judge.ts"), () => import("./oracle/rounds.ts"), () => import("./oracle/recovery.ts"), () => import("./oracle/memory.ts")],
  // Installs Ponder on first use.
  indexer: [() => import("./indexer.ts")],
  fault: [() => import("./fault-gas.ts"), () => import("./reward-fault-gas.ts"), () => import("./demand-gas.ts")],
};

const args = process.argv.slice(2);
const json = args.includes("--json");
const asked = args.filter((arg) => arg !== "--json");
// What a challenger has to do before it can prove anything is in its own group too: hashing, and the check of a whole round.
const wanted = asked.flatMap((group) => (group === "fault" ? ["fault", "commit", "audit"] : [group]));
const unknown = wanted.find((group) => !(group in GROUPS));
if (unknown !== undefined) {
  console.error(`There is no bench group “${unknown}”; there are: ${Object.keys(GROUPS).join(", ")}.`);
  process.exit(2);
}

const metrics: Metric[] = [];
for (const group of wanted.length === 0 ? Object.keys(GROUPS).filter((name) => name !== "commit") : wanted) {
  for (const load of GROUPS[group] ?? []) metrics.push(...(await (await load()).run()));
}
if (json) console.log(JSON.stringify(metrics, null, 2));
else for (const metric of metrics) console.log(line(metric));

function line({ name, value, mean, unit, better, target, reference }: Metric): string {
  const met = better === "lower" ? value <= target : value >= target;
  const goal = `${better === "lower" ? "≤" : "≥"} ${target}`;
  return `${met ? "✓" : "✗"} ${name.padEnd(44)} ${String(value).padStart(10)} ${unit.padEnd(8)} target ${goal.padEnd(10)} ${mean === undefined ? "" : `mean ${mean}; `}${reference}`;
}
