// `npm run mutate`: breaks the fault proofs in small ways, one at a time, and runs the tests that should notice. It fails when a check can be deleted and
// no test goes red. `--only AggregateVerifier,Demands` chooses targets, `--deletions` leaves the other mutants out, `--jobs 4` runs more side by side,
// `--json` prints every mutant with its verdict, `--list` only says what would be run.
import fs from "node:fs";
import path from "node:path";
import { parseArgs, styleText } from "node:util";

import type { Mutant } from "./mutate/mutants.ts";
import { isDeletedCheck, makeMutants } from "./mutate/mutants.ts";
import type { Run } from "./mutate/scratch.ts";
import { Scratch } from "./mutate/scratch.ts";
import type { Target } from "./mutate/targets.ts";
import { TARGETS } from "./mutate/targets.ts";
import { endChildrenWithUs } from "./testing/process.ts";

interface Job {
  readonly target: Target;
  readonly mutant: Mutant;
}

interface Result extends Job, Run {}

const root = path.resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    deletions: { type: "boolean", default: false },
    jobs: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

function chosenTargets(): Target[] {
  if (values.only === undefined) return TARGETS.filter(({ file }) => fs.existsSync(path.join(root, file)));
  return values.only.split(",").map((name) => {
    const target = TARGETS.find((each) => each.name === name);
    if (target === undefined) throw new Error(`No target ${name}. There are: ${TARGETS.map((each) => each.name).join(", ")}.`);
    return target;
  });
}

function jobsOf(target: Target): Job[] {
  const mutants = makeMutants(fs.readFileSync(path.join(root, target.file), "utf8"));
  return mutants.filter((mutant) => !values.deletions || isDeletedCheck(mutant)).map((mutant) => ({ target, mutant }));
}

/** Works on the queue until it is empty. The code as it is comes first: its tests must pass, and say how long they take. */
async function work(scratch: Scratch, queue: Job[], results: Result[]): Promise<void> {
  const limits = new Map<Target, number>();
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    const { target, mutant } = job;
    let limit = limits.get(target);
    if (limit === undefined) {
      const sound = await scratch.run(target, undefined, 900);
      if (sound.verdict !== "survived") throw new Error(`The tests of ${target.name} fail without any mutant: ${sound.reason}`);
      limit = 60 + 4 * sound.seconds;
      limits.set(target, limit);
    }
    const run = await scratch.run(target, mutant, limit);
    results.push({ ...job, ...run });
    process.stderr.write(`${results.length} ${describe({ ...job, ...run })}\n`);
  }
}

async function runAll(queue: Job[]): Promise<Result[]> {
  const results: Result[] = [];
  const first = new Scratch(root);
  const scratches = [first];
  // However we end: nothing is left behind.
  process.once("exit", () => {
    for (const scratch of scratches) scratch.remove();
  });
  scratches.push(...(await first.warm(Math.max(1, Number(values.jobs)) - 1)));
  await Promise.all(scratches.map((scratch) => work(scratch, queue, results)));
  return results;
}

function describe({ target, mutant, verdict, seconds, reason }: Result): string {
  const change = `${mutant.from.replace(/\s+/g, " ").slice(0, 90)} → ${mutant.to.slice(0, 40) || "nothing"}`;
  const color = verdict === "survived" ? "red" : verdict === "killed" ? "green" : "gray";
  return `${styleText(color, verdict)} ${target.name}:${mutant.line} ${mutant.kind}: ${change} (${seconds.toFixed(1)} s)${reason === "" ? "" : ` ${reason.slice(0, 70)}`}`;
}

function table(results: readonly Result[]): string {
  const names = [...new Set(results.map(({ target }) => target.name))].toSorted();
  const row = (name: string, of: readonly Result[]): string => {
    const count = (verdict: string): number => of.filter((result) => result.verdict === verdict).length;
    const deletions = of.filter(({ mutant }) => isDeletedCheck(mutant));
    const alive = deletions.filter(({ verdict }) => verdict === "survived").length;
    const valid = count("killed") + count("survived");
    const share = valid === 0 ? "–" : `${((100 * count("killed")) / valid).toFixed(1)} %`;
    return [name.padEnd(20), count("killed"), count("survived"), count("invalid"), share, `${deletions.length - alive} of ${deletions.length}`].join("\t");
  };
  const rows = names.map((name) => row(name, results.filter(({ target }) => target.name === name)));
  return ["target              \tkilled\tsurvived\tinvalid\tkilled\tdeleted checks noticed", ...rows, row("all", results)].join("\n");
}

async function main(): Promise<boolean> {
  const queue = chosenTargets().flatMap(jobsOf);
  if (values.list) {
    for (const { target, mutant } of queue) console.log(`${target.name}:${mutant.line} ${mutant.kind}: ${mutant.from.replace(/\s+/g, " ")} → ${mutant.to}`);
    return true;
  }
  const results = await runAll(queue);
  const survivors = results.filter(({ verdict }) => verdict === "survived");
  if (values.json) {
    console.log(JSON.stringify(results.map(({ target, mutant, verdict, reason }) => ({ target: target.name, ...mutant, verdict, reason })), undefined, 2));
  } else {
    console.log(table(results));
    if (survivors.length > 0) console.log(`\nSurvivors:\n${survivors.map(describe).join("\n")}`);
  }
  return !survivors.some(({ mutant }) => isDeletedCheck(mutant));
}

endChildrenWithUs();
process.exitCode = (await main()) ? 0 : 1;
