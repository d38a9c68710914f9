// node --expose-gc judge-process.ts <rule>: writes a bundle as the intake holds it, recomputes it as the oracle does, and says what that took.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Hex } from "viem";
import { RULES } from "../../protocol/index.ts";
import { folderDigest } from "../../scripts/oracle/digest.ts";
import { openInbox } from "../../scripts/oracle/inbox.ts";
import { createRecomputer } from "../../scripts/oracle/recompute/recomputer.ts";
import { largeRound } from "../large-round.ts";

/** @param peak Bytes that the process had more than before, at most. @param waited Milliseconds that the event loop was late, of a hundred times all but one. */
export interface Judged {
  readonly seconds: number;
  readonly peak: number;
  readonly waited: number;
}

const rule = process.argv[2] === "median" ? RULES.median : RULES.fedavg;
const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-judge-"));
const bundle: Hex = `0x${"00".repeat(32)}`;
try {
  const folder = path.join(dir, "held", bundle);
  let expectations;
  {
    const made = await largeRound(rule);
    for (const [file, bytes] of made.files) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), bytes);
    }
    made.files.clear();
    expectations = made.expectations;
  }
  const inbox = await openInbox({ dir, quota: 2 ** 30, isHeld: () => true });
  const recomputer = createRecomputer(dir);
  // What making it took is not what judging it takes.
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const before = process.memoryUsage().rss;
  let peak = 0;
  const look = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss - before); }, 20);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const started = performance.now();
  const artefact = await folderDigest(inbox.held(bundle));
  const { checks } = await recomputer.verify(inbox.held(bundle), expectations(artefact), null);
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  clearInterval(look);
  await recomputer.close();
  const wrong = checks.find(({ ok }) => !ok);
  if (wrong !== undefined) throw new Error(`The bench judged a wrong round: ${wrong.name} of ${wrong.subject}.`);
  const judged: Judged = { seconds, peak, waited: delay.percentile(99) / 1e6 };
  process.send?.(judged);
  console.error(`digest+verify ${JSON.stringify(judged)}, loop max ${delay.max / 1e6} ms`);
} finally {
  await rm(dir, { recursive: true, force: true });
}
