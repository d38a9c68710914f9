// How long an auditor takes for one large round, artefacts on the local disk: every block hashed, every root, norm and signature checked, the aggregate
// recomputed coordinate by coordinate.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { verifyRoundBundle } from "../protocol/index.ts";
import { createDiskStore } from "../scripts/store/index.ts";
import { nativeHashPairs } from "../scripts/store/hash-pairs.ts";
import { CONTRIBUTORS, largeRound } from "./large-round.ts";
import type { Metric } from "./metric.ts";

export async function run(): Promise<Metric[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-bench-"));
  try {
    const seconds = await auditOnce(dir);
    return [
      {
        name: `audit.${CONTRIBUTORS}x1M.local`,
        value: Number(seconds.toFixed(2)),
        unit: "s",
        better: "lower",
        target: 2,
        reference: "nobody offers it",
      },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function auditOnce(dir: string): Promise<number> {
  const { files, expectations } = await largeRound();
  const store = createDiskStore(dir);
  const artefact = await store.putDirectory(files);
  files.clear();

  const started = performance.now();
  const { checks } = await verifyRoundBundle(await store.open(artefact), expectations(artefact), nativeHashPairs);
  const seconds = (performance.now() - started) / 1000;
  const wrong = checks.find(({ ok }) => !ok);
  if (wrong !== undefined) throw new Error(`The bench audited a wrong round: ${wrong.name} of ${wrong.subject}.`);
  return seconds;
}
