// How long an auditor takes for one large round, artefacts on the local disk: every block hashed, every root, norm and signature checked, the aggregate
// recomputed coordinate by coordinate.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import {
  aggregate,
  buildRoundBundle,
  configHash,
  createDomain,
  createModelSpec,
  modelRoot,
  reportHash,
  RULES,
  specRoot,
  vectorShape,
  verifyRoundBundle,
  type FederationConfig,
} from "../protocol/index.ts";
import { contribute } from "../scripts/site/contribute.ts";
import { createDiskStore } from "../scripts/store/index.ts";
import { nativeHashPairs } from "../scripts/store/hash-pairs.ts";
import type { Metric } from "./metric.ts";

const CONTRIBUTORS = 64;
const PARAMETERS = 1_000_000;
const LEDGER = "0x8A791620dd6260079BF849Dc5567aDC3F2FdC318" as const;
const ZERO = `0x${"00".repeat(32)}` as const;
const SOME = `0x${"11".repeat(32)}` as const;

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
  const modelSpec = createModelSpec([{ name: "weight", shape: [PARAMETERS], fracBits: 14 }]);
  const config: FederationConfig = {
    ruleId: RULES.fedavg, ruleParam: 0n, scoringId: 1, privacyMode: 0, elementWidth: 2, hasBase: true, depth: vectorShape(PARAMETERS).depth,
    modelSpecRoot: specRoot(modelSpec), termsHash: ZERO, recordsPerWeight: 1, maxSeats: 64, minContributors: 3, maxExcludedBps: 0,
    rhoPerRound: 0, normSqBound: 0n, forceWindow: 1, reportWindow: 1, challengeWindow: 1, maxAttempts: 3, settleEvery: 1, poolPerRound: 0n,
    finality: 0, approvalWindow: 0,
  };
  const context = { federation: 1, round: 1, parentReportHash: SOME, configHash: configHash(config) };
  const domain = createDomain(31_337, LEDGER);
  const base = new Int32Array(PARAMETERS);
  const updates = new Map<number, Int16Array>();
  const entries = [];
  for (let seat = 0; seat < CONTRIBUTORS; seat++) {
    const update = Int16Array.from({ length: PARAMETERS }, (_, i) => Math.imul(i + seat, 2_654_435_761) >> 20);
    const signer = privateKeyToAccount(`0x${(seat + 1).toString(16).padStart(64, "0")}`);
    updates.set(seat, update);
    entries.push({ ...(await contribute({ signer, domain, context, seat, rho: 0, update, hashPairs: nativeHashPairs })), weight: 1 + seat });
  }
  const model = aggregate(RULES.fedavg, 0n, base, [...updates.values()], entries.map(({ weight }) => weight));
  const parent = { round: 0, reportHash: SOME, artefact: ZERO };
  const bundle = buildRoundBundle({
    chainId: 31_337, ledger: LEDGER, federation: 1, round: 1, sealAttempt: 0, attempt: 0, parent, config, modelSpec, entries,
    excluded: 0n, updates, model, metrics: {}, hashPairs: nativeHashPairs,
  });
  const store = createDiskStore(dir);
  const artefact = await store.putDirectory(bundle.files);
  updates.clear();

  const started = performance.now();
  const { checks } = await verifyRoundBundle(
    await store.open(artefact),
    {
      chainId: 31_337, ledger: LEDGER, federation: 1, round: 1, configHash: context.configHash,
      reportHash: reportHash({ ...bundle.report, artefact }), artefact,
      parent: { ...parent, modelRoot: modelRoot(base, nativeHashPairs), model: base },
      seats: new Map(entries.map(({ seat, signer }) => [seat, { key: signer, exempt: true }])),
    },
    nativeHashPairs,
  );
  const seconds = (performance.now() - started) / 1000;
  const wrong = checks.find(({ ok }) => !ok);
  if (wrong !== undefined) throw new Error(`The bench audited a wrong round: ${wrong.name} of ${wrong.subject}.`);
  return seconds;
}
