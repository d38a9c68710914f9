// `npm run flower`: a federation of processes on Flower, recorded, paid and audited on a local ledger.
// Data on standard output, all else on standard error. Exit code 0 only when every promise was kept.
import { rm } from "node:fs/promises";
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { ChongwenError } from "../../protocol/errors.ts";
import { EXIT, reportFailure, toJson, type Streams } from "../output/command.ts";
import { createProgress } from "../output/progress.ts";
import { runFlower } from "./run.ts";
import { describeReport } from "./table.ts";

const streams: Streams = { out: process.stdout, err: process.stderr };
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

/** What cannot be shown here, though nothing was shown to be wrong. */
const CANNOT_TELL = new Set(["python-missing", "python-too-old", "python-without-venv", "python-registry-unreachable"]);

interface Options {
  readonly json: boolean;
  readonly rounds: number;
  readonly data?: string;
  readonly dir: string;
  readonly keep: boolean;
  readonly seed: number;
  readonly studies: boolean;
}

const whole = (least: number, most: number) => (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`);
  return value;
};

const program = new Command("flower")
  .description("Runs a federation of hospitals' own processes with Flower on a local ledger, and audits it.")
  .exitOverride()
  .option("--once", "run, sum up, exit (it always does)", false)
  .option("--json", "machine-readable output", false)
  .option("--rounds <number>", "rounds to train", whole(3, 12), 4)
  .option("--data <csv>", "train on this table instead of the shipped one; the class is its last column")
  .option("--dir <folder>", "workspace", path.join(".chongwen", "flower"))
  .option("--seed <number>", "of the split into hospitals", whole(0, 999_999_999), 7)
  .option("--no-studies", "leave out the studies of accuracy")
  .option("--keep", "keep the hospitals' folders and the aggregator's when it ends", false);

async function main(): Promise<number> {
  program.parse();
  const options = program.opts<Options>();
  const root = path.resolve(import.meta.dirname, "..", "..");
  const progress = createProgress(streams.err, process.env);
  const report = await runFlower({ ...options, root, dir: path.resolve(options.dir), progress, signal: stop.signal });
  streams.out.write(options.json ? toJson(report) : describeReport(report));
  if (!report.ok) for (const { what } of report.promises.filter(({ kept }) => !kept)) progress.note(`not kept: ${what}`);
  // What went wrong is looked for in these folders.
  if (report.ok && !options.keep) for (const part of ["hospitals", "aggregator", "app", "oracle"]) await rm(path.join(options.dir, part), { recursive: true, force: true });
  return report.ok ? EXIT.ok : EXIT.mismatch;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else {
    const json = process.argv.includes("--json");
    const code = reportFailure(streams, stop.signal.aborted ? interrupted() : error, json);
    process.exitCode = error instanceof ChongwenError && CANNOT_TELL.has(error.code) ? EXIT.unverified : code;
  }
}

function interrupted(): ChongwenError {
  return new ChongwenError({ code: "interrupted", message: "Stopped before the end.", fix: "Run it again; nothing of it runs any more.", retryable: true });
}
