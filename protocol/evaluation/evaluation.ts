/**
 * What a report says of its model on a holdout that everybody can read: specified in docs/protocol.md, "Evaluation", and disproven by
 * `contracts/disputes/PredictionVerifier.sol`. Without one, because the holdout is private, the metrics are what the operators attest.
 */
import type { Hex } from "viem";
import { hashStruct, keccak256 } from "viem/utils";
import { concatBytes, fromHex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { packUint } from "../faults/header.ts";

/**
 * A linear classifier in a model: weight[i][c] at lane `headLane + i·classes + c`, the biases behind the weights. One unit of a feature is 2^−featureBits.
 */
export interface HeadShape {
  readonly headLane: number;
  readonly features: number;
  readonly classes: number;
  readonly featureBits: number;
}

/** @param correct How many predictions are the label. @param labelsHash,predictionsHash Keccak-256 of a byte a record. */
export interface Evaluation extends HeadShape {
  readonly records: number;
  readonly correct: number;
  readonly holdoutRoot: Hex;
  readonly labelsHash: Hex;
  readonly predictionsHash: Hex;
}

/** Fields in order, as `IPredictionVerifier.sol` has them. */
export const EVALUATION_FIELDS = [
  { type: "uint32", name: "headLane" },
  { type: "uint16", name: "features" },
  { type: "uint16", name: "classes" },
  { type: "uint8", name: "featureBits" },
  { type: "uint32", name: "records" },
  { type: "uint32", name: "correct" },
  { type: "bytes32", name: "holdoutRoot" },
  { type: "bytes32", name: "labelsHash" },
  { type: "bytes32", name: "predictionsHash" },
] as const satisfies readonly { type: string; name: keyof Evaluation }[];

/** What one transaction of 128 KiB, the largest that nodes pass on, can disprove. Larger evaluations can only be attested. */
export const EVALUATION_LIMITS = { features: 4_096, classes: 256, weights: 8_192, featureBits: 30, records: 65_000 } as const;

const NO_EVALUATION: Hex = `0x${"00".repeat(32)}`;

/** What is out of bounds, for a person to read; null when an evaluation of this shape can be disproven. */
export function evaluationProblem({ features, classes, featureBits, records }: Omit<HeadShape, "headLane"> & Pick<Evaluation, "records">): string | null {
  const outside = (name: keyof typeof EVALUATION_LIMITS, value: number, least: number) =>
    Number.isInteger(value) && value >= least && value <= EVALUATION_LIMITS[name] ? [] : [`${name} is ${value}, not ${least} to ${EVALUATION_LIMITS[name]}`];
  const [problem] = [
    ...outside("features", features, 1),
    ...outside("classes", classes, 1),
    ...outside("weights", features * classes, 1),
    ...outside("featureBits", featureBits, 0),
    ...outside("records", records, 1),
  ];
  return problem ?? null;
}

/** EIP-712 struct hash. @throws out-of-range when a value does not fit its type */
export function evaluationHash(evaluation: Evaluation): Hex {
  try {
    return hashStruct<Record<string, unknown>, string>({ data: { ...evaluation }, primaryType: "Evaluation", types: { Evaluation: EVALUATION_FIELDS } });
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "";
    throw protocolError("out-of-range", `A field of Evaluation does not fit its type: ${reason}`, cause);
  }
}

/** A report's `metricsHash`: `keccak256(hashStruct(Evaluation) ‖ keccak256(metrics.json))`, with zero for the first when there is no evaluation. */
export function metricsHash(evaluation: Evaluation | null, metrics: Uint8Array): Hex {
  const first = evaluation === null ? NO_EVALUATION : evaluationHash(evaluation);
  return keccak256(concatBytes([fromHex(first, 32), fromHex(keccak256(metrics), 32)]));
}

/** The fields at their natural width, big-endian: 113 bytes. @throws out-of-range, column-invalid */
export function packEvaluation(evaluation: Evaluation): Uint8Array {
  return concatBytes(
    EVALUATION_FIELDS.map(({ type, name }) => {
      const value = evaluation[name];
      return typeof value === "string" ? fromHex(value, 32) : packUint(value, Number(type.slice("uint".length)) / 8, name);
    }),
  );
}
