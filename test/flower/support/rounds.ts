// Random rounds, each from a seed: specification, seats, updates, weights, rule, base, evaluation.
import type { Address, Hex } from "viem";
import { numberToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  aggregate, buildRoundBundle, commitUpdate, configHash, contributionOf, createDomain, createModelSpec, effectiveWeights, modelRoot, parameterCount, reportHash, specRoot, toCompactSignature,
  typedDataOf, vectorShape, type Entry, type EvaluationInput, type FederationConfig, type Json, type ModelSpec, type RoundBundle, type RoundExpectations,
} from "../../../protocol/index.ts";
import { bytesOf } from "../../../protocol/bytes.ts";
import { encodeOpenRound, type OpenRound } from "../../../protocol/handover/open-round.ts";
import { artefactDigest } from "../../../protocol/unixfs/encode.ts";
import { createRandom, int16s, int32s } from "../../../tools/vectors/random.ts";
import { base64 } from "./python.ts";

export interface Dice {
  /** least … most. */
  between(least: number, most: number): number;
  pick<Item>(items: readonly Item[]): Item;
  word(): Hex;
}

export function dice(seed: number): Dice {
  const random = createRandom(seed);
  for (let i = 0; i < 8; i++) random();
  const between = (least: number, most: number): number => least + (random() % (most - least + 1));
  return {
    between,
    pick: (items) => items[between(0, items.length - 1)]!,
    word: () => numberToHex(Array.from({ length: 8 }, random).reduce((sum, part) => (sum << 32n) | BigInt(part), 0n), { size: 32 }),
  };
}

export function randomSpec({ between, pick }: Dice): ModelSpec {
  const tensors = Array.from({ length: between(1, 4) }, (_, i) => ({
    name: `${pick(["weight", "层/", "b\"ias\\", "é"])}${i}`, shape: Array.from({ length: between(0, 3) }, () => between(1, 6)), fracBits: between(0, 30),
  }));
  return createModelSpec([...tensors, { name: "head", shape: [between(8, 40)], fracBits: 14 }]);
}

export interface DrawnRound {
  readonly open: OpenRound;
  readonly bundle: RoundBundle;
  readonly artefact: Hex;
  readonly base: Int32Array | null;
  readonly expected: RoundExpectations;
  /** What Python is asked to build, from the inputs alone. */
  readonly question: Readonly<Record<string, unknown>>;
}

/** One in three lanes is zero or at an end of its range. */
function update(count: number, seed: number): Int16Array {
  return int16s(count, seed).map((lane, i) => ((lane ^ seed) % 3 === 0 ? ([0, 32_767, -32_768][(i + seed) % 3] ?? 0) : lane));
}

function randomEvaluation({ between }: Dice, parameters: number, seed: number): EvaluationInput {
  const [features, classes] = [between(1, 3), between(1, 2)];
  const records = between(1, 20);
  return {
    headLane: between(0, parameters - (features + 1) * classes), features, classes, featureBits: between(0, 30), holdout: update(records * features, seed),
    labels: Uint8Array.from({ length: records }, () => between(0, classes - 1)),
  };
}

export async function drawRound(seed: number): Promise<DrawnRound> {
  const drawn = dice(seed);
  const { between, pick, word } = drawn;
  const modelSpec = randomSpec(drawn);
  const parameters = parameterCount(modelSpec);
  const ruleId = between(1, 4);
  const config: FederationConfig = {
    ruleId, ruleParam: ruleId === 2 ? BigInt(between(0, 200_000)) : ruleId === 3 ? 1n : 0n, scoringId: 1, privacyMode: 0, elementWidth: 2, hasBase: between(0, 2) > 0,
    depth: vectorShape(parameters).depth, modelSpecRoot: specRoot(modelSpec), termsHash: word(), recordsPerWeight: 10, maxSeats: 64, minContributors: 3, maxExcludedBps: 2_500,
    rhoPerRound: between(0, 2 ** 31), normSqBound: 0n, forceWindow: 1, reportWindow: 60, challengeWindow: 60, maxAttempts: 3, settleEvery: 1, poolPerRound: BigInt(word()) >> 161n,
    finality: 0, approvalWindow: 0,
  };
  const seeds = Array.from({ length: between(3, 7) }, (_, i) => i);
  const keys = seeds.map(() => word());
  const numbers = seeds.map((i) => i * 600_000_000 + between(0, 500_000_000));
  const seats = numbers.map((seat, i) => {
    const exempt = between(0, 1) === 1;
    return { seat, key: privateKeyToAccount(keys[i]!).address, weight: between(1, 9_000), rho: exempt ? 0 : config.rhoPerRound, exempt, remaining: exempt ? 0 : between(0, 2 ** 31) };
  });
  const lanes = int32s(parameters, seed + 1).map((lane) => (lane % 5 === 0 ? (lane < 0 ? -2_147_483_648 : 2_147_483_647) : lane));
  const base = config.hasBase ? lanes : null;
  const round = between(1, 2 ** 31);
  const open: OpenRound = {
    chainId: between(1, 2 ** 31), ledger: word().slice(0, 42) as Address, federation: between(1, 2 ** 31), round, attempt: between(0, 255),
    parent: { round: round - 1, reportHash: word(), artefact: word(), modelRoot: modelRoot(lanes) }, config, configHash: configHash(config), modelSpec, seats,
  };
  const excluded = between(0, 2) === 0 && seats.length > 3 ? 1n << BigInt(between(0, seats.length - 1)) : 0n;
  const evaluation = between(0, 2) > 0 ? randomEvaluation(drawn, parameters, seed + 2) : null;
  const metrics: Json = pick([{}, { accuracyPpm: between(0, 1_000_000), note: "“é”\n\u2028" }, [null, true, { z: 1, A: -5 }]]);
  const sealAttempt = between(0, open.attempt);

  const context = { federation: open.federation, round, parentReportHash: open.parent.reportHash, configHash: open.configHash };
  const updates = new Map(seats.map(({ seat }, i) => [seat, update(parameters, seed + 10 + i)]));
  const entries = await Promise.all(
    seats.map(async ({ seat, key, rho, weight }, i): Promise<Entry & { weight: number }> => {
      const unsigned = { seat, ...commitUpdate(updates.get(seat)!), rho };
      const signature = await privateKeyToAccount(keys[i]!).signTypedData(typedDataOf(createDomain(open.chainId, open.ledger), "Contribution", contributionOf(unsigned, context)));
      return { ...unsigned, signer: key, signature: toCompactSignature(signature), weight };
    }),
  );
  const counted = effectiveWeights(entries.map(({ weight }) => weight), excluded);
  const model = aggregate(config.ruleId, config.ruleParam, base, [...updates.values()], counted);
  const bundle = buildRoundBundle({ ...open, parent: { round: open.parent.round, reportHash: open.parent.reportHash, artefact: open.parent.artefact }, sealAttempt, entries, excluded, updates, model, metrics, evaluation });
  const artefact = artefactDigest(bundle.files);
  const expected: RoundExpectations = {
    ...open, reportHash: reportHash({ ...bundle.report, artefact }), artefact, parent: { ...open.parent, model: base },
    seats: new Map(seats.map(({ seat, key, exempt }) => [seat, { key, exempt }])),
  };
  const question = {
    op: "build", openRound: openRoundText(open), base: base === null ? null : base64(bytesOf(base)), excluded: String(excluded), sealAttempt, metrics: JSON.stringify(metrics),
    contributions: seats.map(({ seat }, i) => ({ seat, key: keys[i], update: base64(bytesOf(updates.get(seat)!)) })),
    evaluation: evaluation === null ? null : {
      head: [evaluation.headLane, evaluation.features, evaluation.classes, evaluation.featureBits], holdout: base64(bytesOf(evaluation.holdout)), labels: base64(evaluation.labels),
    },
  };
  return { open, bundle, artefact, base, expected, question };
}

export const openRoundText = (open: OpenRound): string => new TextDecoder().decode(encodeOpenRound(open));
