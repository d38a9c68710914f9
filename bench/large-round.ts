// A round of 64 contributors with a million parameters each, made without a chain: 128 MB of updates.
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { RoundExpectations } from "../protocol/bundle/round-expectations.ts";
import {
  aggregate, buildRoundBundle, configHash, createDomain, createModelSpec, modelRoot, reportHash, RULES, specRoot, vectorShape, type FederationConfig,
} from "../protocol/index.ts";
import { contribute } from "../scripts/site/contribute.ts";
import { nativeHashPairs } from "../scripts/store/hash-pairs.ts";

export const CONTRIBUTORS = 64;
export const PARAMETERS = 1_000_000;
const LEDGER = "0x8A791620dd6260079BF849Dc5567aDC3F2FdC318" as const;
const ZERO = `0x${"00".repeat(32)}` as const;
const SOME = `0x${"11".repeat(32)}` as const;

export interface LargeRound {
  readonly files: Map<string, Uint8Array>;
  /** What the ledger would say of it. */
  expectations(artefact: Hex): RoundExpectations;
}

export async function largeRound(ruleId: number = RULES.fedavg, parameters = PARAMETERS, contributors = CONTRIBUTORS): Promise<LargeRound> {
  const modelSpec = createModelSpec([{ name: "weight", shape: [parameters], fracBits: 14 }]);
  const config: FederationConfig = {
    ruleId, ruleParam: 0n, scoringId: 1, privacyMode: 0, elementWidth: 2, hasBase: true, depth: vectorShape(parameters).depth,
    modelSpecRoot: specRoot(modelSpec), termsHash: ZERO, recordsPerWeight: 1, maxSeats: 64, minContributors: 3, maxExcludedBps: 0,
    rhoPerRound: 0, normSqBound: 0n, forceWindow: 1, reportWindow: 1, challengeWindow: 1, maxAttempts: 3, settleEvery: 1, poolPerRound: 0n,
    finality: 0, approvalWindow: 0,
  };
  const context = { federation: 1, round: 1, parentReportHash: SOME, configHash: configHash(config) };
  const domain = createDomain(31_337, LEDGER);
  const base = new Int32Array(parameters);
  const updates = new Map<number, Int16Array>();
  const entries = [];
  for (let seat = 0; seat < contributors; seat++) {
    const update = Int16Array.from({ length: parameters }, (_, i) => Math.imul(i + seat, 2_654_435_761) >> 20);
    const signer = privateKeyToAccount(`0x${(seat + 1).toString(16).padStart(64, "0")}`);
    updates.set(seat, update);
    entries.push({ ...(await contribute({ signer, domain, context, seat, rho: 0, update, hashPairs: nativeHashPairs })), weight: 1 + seat });
  }
  const model = aggregate(ruleId, 0n, base, [...updates.values()], entries.map(({ weight }) => weight));
  const parent = { round: 0, reportHash: SOME, artefact: ZERO };
  const { files, report } = buildRoundBundle({
    chainId: 31_337, ledger: LEDGER, federation: 1, round: 1, sealAttempt: 0, attempt: 0, parent, config, modelSpec, entries,
    excluded: 0n, updates, model, metrics: {}, hashPairs: nativeHashPairs,
  });
  const seats = new Map(entries.map(({ seat, signer }) => [seat, { key: signer, exempt: true }]));
  const parentModelRoot = modelRoot(base, nativeHashPairs);
  return {
    files: new Map(files),
    expectations: (artefact) => ({
      chainId: 31_337, ledger: LEDGER, federation: 1, round: 1, configHash: context.configHash, reportHash: reportHash({ ...report, artefact }), artefact,
      parent: { ...parent, modelRoot: parentModelRoot, model: base }, seats,
    }),
  };
}
