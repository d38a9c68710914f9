// `npm run demo:fault`: operators cheat in three ways on a local chain, and one watcher, unattended, has each of them slashed and undone.
// Data on standard output, all else on standard error. Exit code 0 when every promise was kept.
import path from "node:path";
import { formatEther } from "viem";
import { EXIT, reportFailure, toJson, type Streams } from "../output/command.ts";
import { createProgress } from "../output/progress.ts";
import { playScenes, type Outcome } from "./scenes.ts";
import { setUp, type Demo } from "./setup.ts";

const streams: Streams = { out: process.stdout, err: process.stderr };
const json = process.argv.includes("--json");

async function main(): Promise<number> {
  const started = performance.now();
  const progress = createProgress(streams.err, process.env);
  progress.heading("Setting up");
  const demo = await setUp(path.resolve(import.meta.dirname, "..", ".."), progress);
  try {
    const outcome = await playScenes(demo, progress);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    if (json) streams.out.write(toJson({ ok: outcome.promises.every(({ kept }) => kept), seconds, clockJumps: demo.clock.jumps, ...outcome }));
    else describe(outcome, demo, seconds);
    return outcome.promises.every(({ kept }) => kept) ? EXIT.ok : EXIT.mismatch;
  } finally {
    await demo.close();
  }
}

function describe({ scenes, claims, promises }: Outcome, { clock }: Demo, seconds: number): void {
  const { out } = streams;
  for (const { scene, wrong, found, transactions, slashed, award, redone } of scenes) {
    out.write(`\n(${scene}) ${wrong.what}\n    signed and sent in ${wrong.transaction}\n`);
    if (found !== null) out.write(`    found: ${found.reason} (fetched in ${found.fetched} ms, recomputed in ${found.computed} ms)\n`);
    for (const { action, transaction, gas, seconds: at } of transactions) out.write(`    ${String(at).padStart(6)} s  ${action.padEnd(14)} ${transaction}  ${gas} gas\n`);
    out.write(`    slashed: ${slashed.map(({ operator, amount }) => `${operator} ${formatEther(amount)} SHU`).join(", ")}; award ${formatEther(award)} SHU\n    ${redone}\n`);
  }
  out.write("\nClaims\n");
  for (const { seat, account, amount, expected } of claims) out.write(`    seat ${seat}  ${account}  ${formatEther(amount)} SHU${amount === expected ? "" : `, expected ${formatEther(expected)}`}\n`);
  out.write("\nThe local chain's clock was moved over windows in which nobody has anything to do:\n");
  for (const { over, seconds: jumped } of clock.jumps) out.write(`    ${String(jumped).padStart(5)} s  ${over}\n`);
  out.write("\n");
  for (const { what, kept } of promises) out.write(`${kept ? "✓" : "✗"} ${what}\n`);
  out.write(`\n${promises.filter(({ kept }) => kept).length} of ${promises.length} promises kept in ${seconds} s.\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = reportFailure(streams, error, json);
}
