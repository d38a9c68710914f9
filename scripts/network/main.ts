// `npm run network`: four operators of a local ledger, each a service of its own, and what they do when one of them is dead, slow, lying or cut off.
// Data on standard output, all else on standard error. Exit code 0 only when every promise was kept.
import { rm } from "node:fs/promises";
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT, reportFailure, toJson, type Streams } from "../output/command.ts";
import { createProgress } from "../output/progress.ts";
import { FAULTS, type PlannedFault } from "./faults.ts";
import { runNetwork } from "./run.ts";

const streams: Streams = { out: process.stdout, err: process.stderr };
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

const whole = (least: number, most: number) => (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`);
  return value;
};

interface Options extends Partial<Record<(typeof FAULTS)[number], number>> {
  readonly once: boolean;
  readonly json: boolean;
  readonly rounds: number;
  readonly dir: string;
  readonly keep: boolean;
}

const program = new Command("network")
  .description("Runs four operators of a local ledger, each a service of its own.")
  .exitOverride()
  .option("--once", "end when every round is final; else rounds go on until Ctrl-C", false)
  .option("--json", "machine-readable output", false)
  .option("--rounds <number>", "rounds before anything happens", whole(1, 100), 2)
  .option("--kill <operator>", "kill this operator, without a warning, for a round", whole(1, 4))
  .option("--slow <operator>", "let this operator answer late for a round", whole(1, 4))
  .option("--lie <operator>", "let this operator give wrong signatures for a round", whole(1, 4))
  .option("--partition <operator>", "cut this operator off for a round", whole(1, 4))
  .option("--dir <folder>", "workspace; emptied at the start", path.join(".chongwen", "network"))
  .option("--keep", "keep the operators' folders", false);

async function main(): Promise<number> {
  program.parse();
  const { json, once, rounds, dir, keep, ...named } = program.opts<Options>();
  const faults = FAULTS.flatMap((fault): PlannedFault[] => (named[fault] === undefined ? [] : [{ fault, operator: named[fault] }]));
  const root = path.resolve(import.meta.dirname, "..", "..");
  const report = await runNetwork({ root, dir: path.resolve(dir), rounds, faults, once, progress: createProgress(streams.err, process.env), signal: stop.signal });
  if (json) streams.out.write(toJson(report));
  else for (const { what, kept } of report.promises) streams.out.write(`${kept ? "✓" : "✗"} ${what}\n`);
  if (report.ok && !keep) await rm(dir, { recursive: true, force: true });
  return report.ok ? EXIT.ok : EXIT.mismatch;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else if (stop.signal.aborted) streams.err.write("\nStopped; nothing of it runs any more.\n");
  else process.exitCode = reportFailure(streams, error, process.argv.includes("--json"));
}
// As a shell says of what Ctrl-C ended.
if (stop.signal.aborted) process.exitCode = 130;
