// `npm run test:chaos -- [--seeds 200] [--from 1] [--seed N] [--workers 2] [--json]`: kills, lies, reorganisations and full disks, as each seed decides.
// A failing seed is printed with the command that plays it again; the exit code is 0 only when none failed and, from 200 seeds on, everything was used.
import { fork } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { KillPoints } from "./plan.ts";
import { summarise, WHOLE, type Summary } from "./summary.ts";
import { openSeedPlayer, type SeedResult, type WorkerMessage } from "./worker.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "20" }, from: { type: "string", default: "1" }, seed: { type: "string" }, workers: { type: "string" }, json: { type: "boolean", default: false } },
});
const whole = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 1_000_000) throw new RangeError(`${text} is no whole number from 0 to a million.`);
  return value;
};
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const began = Date.now();

/** Plays one seed in this process and says everything that happens. */
async function playOne(seed: number): Promise<Summary> {
  say("a run without faults first …");
  const player = await openSeedPlayer(() => undefined);
  try {
    const start = Date.now();
    const result = await player.play(seed, (line) => say(`${((Date.now() - start) / 1000).toFixed(2).padStart(6)}  ${line}`));
    for (const line of result.plan) say(`plan: ${line}`);
    return summarise([result], player.points, { megabytes: 0, handles: 0 }, (Date.now() - began) / 1000);
  } finally {
    await player.close();
  }
}

async function playMany(seeds: readonly number[], workers: number): Promise<Summary> {
  const results: SeedResult[] = [];
  const queue = [...seeds];
  let points: KillPoints = {};
  const growths = await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, () => playSome()));
  return summarise(results, points, { megabytes: Math.max(0, ...growths.map(({ megabytes }) => megabytes)), handles: Math.max(0, ...growths.map(({ handles }) => handles)) }, (Date.now() - began) / 1000);

  function playSome(): Promise<Summary["leaked"]> {
    return new Promise((resolve, reject) => {
      const child = fork(path.join(import.meta.dirname, "worker.ts"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      const own: SeedResult[] = [];
      const growth = (): Summary["leaked"] => {
        const [settled = own[0], last] = [own[9], own.at(-1)];
        return settled === undefined || last === undefined ? { megabytes: 0, handles: 0 } : { megabytes: last.resident - settled.resident, handles: last.handles - settled.handles };
      };
      const next = (): void => {
        const seed = queue.shift();
        child.send(seed === undefined ? "end" : { seed });
      };
      child.on("message", (message: WorkerMessage) => {
        if ("log" in message) return;
        if ("ready" in message) points = message.ready;
        else {
          const { result } = message;
          results.push(result);
          own.push(result);
          say(`seed ${result.seed}: ${result.problems.length === 0 ? "ok" : "FAILED"}, ${result.seconds.toFixed(1)} s (${results.length} of ${seeds.length})`);
          for (const { kind, what } of result.problems) say(`  ${kind}: ${what}`);
        }
        next();
      });
      child.on("exit", (code) => (code === 0 ? resolve(growth()) : reject(new Error(`A process that plays seeds ended with ${code}.`))));
    });
  }
}

const seeds = whole(values.seeds, 20);
const from = whole(values.from, 1);
const summary = values.seed === undefined
  ? await playMany(Array.from({ length: seeds }, (_, i) => from + i), Math.max(1, whole(values.workers, Math.min(4, os.availableParallelism()))))
  : await playOne(whole(values.seed, 1));

if (values.json) console.log(JSON.stringify(summary, null, 2));
else console.log(`${summary.seeds} seeds in ${summary.seconds} s: ${summary.duplicated} with something twice, ${summary.lost} with something lost, ${summary.wrong} with something wrong signed or kept`);
for (const { seed, again, plan, problems } of summary.failures) {
  say(`\nseed ${seed}\n${again}\n${plan.map((line) => `  ${line}`).join("\n")}\n${problems.map(({ kind, what }) => `  ${kind}: ${what}`).join("\n")}`);
}
if (summary.unused.length > 0 && summary.seeds >= WHOLE) say(`\nNot used by any seed: ${summary.unused.join("; ")}`);
process.exitCode = summary.ok ? 0 : 1;
