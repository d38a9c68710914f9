/** Rounds as the verifier of aggregates meets them: statements, what the ledger says of them, and vectors or openings that hash to them. */
import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { encodeAggregateProof, type AggregateProofInput } from "../../../protocol/faults/aggregate-proof.ts";
import {
  aggregate, bytesOf, columnHash, configHash, effectiveWeights, hashTreeRoot, normSqOf, packHex, packUints, reportHash, rootOfOpening, sealHash,
  type FederationConfig, type Opening, type Report, type Seal,
} from "../../../protocol/index.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { CONFIG } from "../../protocol/support/round.ts";

export type Random = () => number;
export const below = (random: Random, limit: number): number => Math.floor(random() * limit);
export const randomBytes = (random: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => below(random, 256));
export const hash = (random: Random): Hex => toHex(randomBytes(random, 32));

/** A chunk and siblings of nothing: their root is what they hash to. */
export function randomOpening(random: Random, depth: number): Opening {
  return { chunk: randomBytes(random, 32), siblings: randomBytes(random, 32 * depth) };
}

/** What `IFaultVerifier.verify` is told by the ledger. */
export interface Context {
  readonly federation: number;
  readonly round: number;
  readonly parentHash: Hex;
  readonly state: Readonly<Record<"state" | "attempt" | "parentRound" | "parentAttempt" | "entries", number>> & { readonly hash: Hex } & Readonly<
    Record<"deadline" | "consentEpoch" | "sealers" | "reporters" | "sealEpoch" | "reportEpoch" | "accepted" | "holds", number>
  >;
}

const REPORTED = 3;

export interface RoundParts {
  readonly config: FederationConfig;
  readonly weights: readonly number[];
  readonly excluded: bigint;
  readonly norms: readonly bigint[];
  readonly updates: AggregateProofInput["updates"];
  readonly base: AggregateProofInput["base"];
  readonly model: AggregateProofInput["model"];
  readonly lane: number;
}

export interface AggregateRound {
  readonly input: AggregateProofInput;
  readonly context: Context;
  readonly seal: Seal;
  readonly report: Report;
  readonly parent: Report;
}

export function rootOf(vector: Int16Array | Int32Array | Opening | Hex, depth: number, index: number): Hex {
  if (typeof vector === "string") return vector;
  return toHex(ArrayBuffer.isView(vector) ? hashTreeRoot(bytesOf(vector as Int16Array), depth) : rootOfOpening(vector as Opening, index, depth)!);
}

/** A reported round of which everything hashes to what the ledger holds. Whether the model is right is up to the parts. */
export function makeRound(parts: RoundParts, random: Random, change: Partial<Context["state"]> = {}): AggregateRound {
  const { config, weights, excluded, norms, updates, base, model, lane } = parts;
  const [federation, round, attempt] = [1 + below(random, 1_000), 2 + below(random, 1_000), below(random, 3)];
  const modelRootOf = (vector: Int32Array | Opening) => rootOf(vector, config.depth + 3, Math.floor(lane / 8));
  const parent: Report = {
    federation, round: round - 1, attempt: below(random, 3), sealHash: hash(random), modelRoot: base === null ? hash(random) : modelRootOf(base),
    metricsHash: hash(random), excluded: 5n, artefact: hash(random),
  };
  const parentHash = reportHash(parent);
  const seal: Seal = {
    federation, round, attempt: below(random, attempt + 1), parentReportHash: parentHash, configHash: configHash(config), seatsHash: hash(random),
    updateRootsHash: columnHash(packHex(updates.map((update) => rootOf(update, config.depth + 2, Math.floor(lane / 16))), 32)),
    normsHash: columnHash(packUints(norms, 8)), normTracesHash: hash(random), signaturesHash: hash(random),
  };
  const report: Report = {
    federation, round, attempt, sealHash: sealHash(seal, columnHash(packUints(weights, 2))), modelRoot: modelRootOf(model), metricsHash: hash(random), excluded,
    artefact: hash(random),
  };
  const state = {
    hash: reportHash(report), state: REPORTED, attempt, deadline: 1, parentRound: parent.round, parentAttempt: parent.attempt, consentEpoch: 1, sealers: 7,
    reporters: 7, sealEpoch: 1, reportEpoch: 1, entries: weights.length, accepted: weights.length, holds: 0, ...change,
  };
  const input: AggregateProofInput = { config, seal, report, parent: config.hasBase ? parent : null, lane, weights, norms, updates, base, model };
  return { input, context: { federation, round, parentHash, state }, seal, report, parent };
}

/** A round of which only one lane is known, at any depth. The model is wrong there, but for a chance of 2^-32. */
export function syntheticRound(n: number, depth: number, ruleId: number, seed: number): AggregateRound {
  const random = createRandom(seed);
  const config: FederationConfig = { ...CONFIG, depth, ruleId, ruleParam: ruleId === 2 ? 1_000_000n : ruleId === 3 ? BigInt(Math.ceil(n / 4) - 1) : 0n };
  const norms = Array.from({ length: n }, () => BigInt(below(random, 2 ** 45)));
  return makeRound(
    {
      config, norms, weights: norms.map(() => 1 + below(random, 200)), excluded: 0n, updates: norms.map(() => randomOpening(random, depth + 2)),
      base: randomOpening(random, depth + 3), model: randomOpening(random, depth + 3), lane: below(random, 64 * 2 ** depth),
    },
    random,
  );
}

export interface RealOptions {
  readonly config?: Partial<FederationConfig>;
  readonly n?: number;
  /** Lanes that the model has; the rest up to 64·2^depth is padding. */
  readonly parameters?: number;
  readonly weights?: readonly number[];
  readonly excluded?: bigint;
  /** Lane at which the reported model is wrong, and by how much. */
  readonly wrong?: { readonly lane: number; readonly by: number };
  readonly spread?: number;
}

export interface RealRound extends AggregateRound {
  /** What the rule makes of the updates. */
  readonly honest: Int32Array;
  /** The proof at a lane; the round is the same. */
  proofAt(lane: number): Uint8Array;
}

/** A round over real vectors, aggregated by `protocol/aggregate`. */
export function realRound(seed: number, options: RealOptions = {}): RealRound {
  const random = createRandom(seed);
  const config: FederationConfig = { ...CONFIG, ...options.config };
  const parameters = options.parameters ?? 64 * 2 ** config.depth;
  const weights = options.weights ?? Array.from({ length: options.n ?? 5 }, () => 1 + below(random, 500));
  const spread = options.spread ?? 65_536;
  const updates = weights.map(() => Int16Array.from({ length: parameters }, () => Math.floor((random() - 0.5) * spread)));
  const base = config.hasBase ? Int32Array.from({ length: parameters }, () => below(random, 2 ** 32) - 2 ** 31) : null;
  const excluded = options.excluded ?? 0n;
  const honest = aggregate(config.ruleId, config.ruleParam, base, updates, effectiveWeights(weights, excluded));
  const model = new Int32Array(64 * 2 ** config.depth);
  model.set(honest);
  if (options.wrong !== undefined) model[options.wrong.lane] = model[options.wrong.lane]! + options.wrong.by;
  const parts = { config, weights, excluded, norms: updates.map((update) => normSqOf(update)), updates, base, model, lane: 0 };
  const made = makeRound(parts, random);
  return { ...made, honest, proofAt: (lane) => encodeAggregateProof({ ...made.input, lane }) };
}
