/** A small round made the way an aggregator makes one: real keys, real signatures. */
import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  aggregate, buildGenesisBundle, buildRoundBundle, commitUpdate, configHash, contributionOf, createDomain, createModelSpec, effectiveWeights, genesisReport,
  reportHash, specRoot, toCompactSignature, typedDataOf, type Entry, type FederationConfig, type RoundBundle, type RoundBundleInput, type RoundExpectations,
} from "../../../protocol/index.ts";
import type { EvaluationInput } from "../../../protocol/evaluation/evaluate.ts";
import { makeEscrow } from "./escrow.ts";
import { randomInt16, randomInt32 } from "./random.ts";

/** The well-known accounts of every Ethereum development chain. */
export const DEV_KEYS: readonly Hex[] = [
  "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
  "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
  "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
];

export const LEDGER: Address = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const ARTEFACT: Hex = `0x${"a7".repeat(32)}`;
export const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;

export const SPEC = createModelSpec([
  { name: "weights", shape: [10, 7], fracBits: 14 },
  { name: "bias", shape: [7], fracBits: 10 },
]);
export const PARAMETERS = 77;

export const CONFIG: FederationConfig = {
  ruleId: 1, ruleParam: 0n, scoringId: 1, privacyMode: 0, elementWidth: 2, hasBase: true, depth: 1, modelSpecRoot: specRoot(SPEC), termsHash: ZERO_HASH,
  recordsPerWeight: 10, maxSeats: 64, minContributors: 3, maxExcludedBps: 2_500, rhoPerRound: 5_000, normSqBound: 0n, forceWindow: 1, reportWindow: 60,
  challengeWindow: 60, maxAttempts: 3, settleEvery: 1, poolPerRound: 1_000n * 10n ** 18n,
  finality: 0, approvalWindow: 0,
};

export interface RoundOptions {
  readonly config?: Partial<FederationConfig>;
  readonly weights?: readonly number[];
  readonly excluded?: bigint;
  readonly round?: number;
  /** Publish an evaluation, on a holdout of 23 records. */
  readonly evaluated?: boolean;
}

export interface TestRound {
  readonly input: RoundBundleInput;
  readonly bundle: RoundBundle;
  readonly expected: RoundExpectations;
}

/** Seats 2, 3, 5, 7 and 11; the last is exempt from the privacy budget. */
export const SEATS = [2, 3, 5, 7, 11] as const;

/** On the whole of `SPEC`: 10 features, 7 classes. */
export const EVALUATED: EvaluationInput = {
  headLane: 0, features: 10, classes: 7, featureBits: 12, holdout: randomInt16(230, 5, 8_192), labels: Uint8Array.from({ length: 23 }, (_, i) => (2 * i + 2) % 7),
};

export async function makeRound(options: RoundOptions = {}): Promise<TestRound> {
  const config = { ...CONFIG, ...options.config };
  const weights = options.weights ?? [10, 20, 30, 40, 50];
  const excluded = options.excluded ?? 0n;
  const base = randomInt32(PARAMETERS, 1).map((lane) => lane >> 8);
  const genesis = buildGenesisBundle(config, SPEC, base);
  const genesisHash = reportHash(genesisReport(1, genesis.modelRoot, ARTEFACT));
  const context = { federation: 1, round: options.round ?? 1, parentReportHash: genesisHash, configHash: configHash(config) };
  const domain = createDomain(31_337, LEDGER);

  const updates = new Map(SEATS.map((seat, i) => [seat as number, randomInt16(PARAMETERS, 100 + i)]));
  const entries: (Entry & { weight: number })[] = [];
  for (const [i, seat] of SEATS.entries()) {
    const account = privateKeyToAccount(DEV_KEYS[i]!);
    const unsigned = { seat, ...commitUpdate(updates.get(seat)!), rho: i === 4 ? 0 : config.rhoPerRound };
    const signature = await account.signTypedData(typedDataOf(domain, "Contribution", contributionOf(unsigned, context)));
    entries.push({ ...unsigned, signer: account.address, signature: toCompactSignature(signature), weight: weights[i]! });
  }
  const counted = effectiveWeights(weights, excluded);
  const model = aggregate(config.ruleId, config.ruleParam, config.hasBase ? base : null, SEATS.map((seat) => updates.get(seat)!), counted);
  const input: RoundBundleInput = {
    chainId: 31_337, ledger: LEDGER, federation: 1, round: context.round, sealAttempt: 0, attempt: 0,
    parent: { round: 0, reportHash: genesisHash, artefact: ARTEFACT },
    config, modelSpec: SPEC, entries, excluded, updates, model, metrics: { accuracyPpm: 934_000, records: 366 },
    evaluation: options.evaluated === true ? EVALUATED : null,
    // Nobody opens these: escrowed rounds that are read are made by `makeEscrowedRound`.
    escrow: config.privacyMode === 1 ? { register: (await makeEscrow()).register, envelopes: new Map(SEATS.map((seat) => [seat, Uint8Array.of(seat)])) } : null,
  };
  const bundle = buildRoundBundle(input);
  return { input, bundle, expected: expectationsOf(bundle, input, base) };
}

/** What the chain would say about this bundle. */
export function expectationsOf(bundle: RoundBundle, input: RoundBundleInput, base: Int32Array): RoundExpectations {
  return {
    chainId: 31_337, ledger: LEDGER, federation: 1, round: input.round,
    configHash: configHash(input.config),
    reportHash: reportHash({ ...bundle.report, artefact: ARTEFACT }),
    artefact: ARTEFACT,
    parent: { round: 0, reportHash: input.parent.reportHash, artefact: ARTEFACT, modelRoot: buildGenesisBundle(input.config, SPEC, base).modelRoot, model: input.config.hasBase ? base : null },
    seats: new Map(SEATS.map((seat, i) => [seat, { key: privateKeyToAccount(DEV_KEYS[i]!).address, exempt: i === 4 }])),
  };
}

export { privateKeyToAccount };
