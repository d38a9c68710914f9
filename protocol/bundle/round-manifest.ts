/** The round bundle: everything that a reader needs to recompute a round. docs/protocol.md, “Round bundle”. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { type Evaluation, EVALUATION_FIELDS } from "../evaluation/evaluation.ts";
import type { FederationConfig, Report, Seal } from "../eip712/structs.ts";
import { type ModelSpec, modelSpecSchema } from "../model-spec.ts";
import { MAX_ENTRIES } from "../columns.ts";
import { address, bigUint, bytes32, uint } from "../schema.ts";
import type { Entry } from "../seal.ts";
import { type FileEntry, fileListSchema } from "./files.ts";
import { readManifest } from "./manifest.ts";
import type { BundleReader } from "./reader.ts";
import { fieldsSchema, structSchema } from "./struct-json.ts";

export const ROUND_FORMAT = "chongwen-round";
export const METRICS_LIMIT = 2 ** 20;

/** Column files, and the fixed files beside them. */
export const ROUND_FILES = {
  seats: "seats.bin",
  updateRoots: "update-roots.bin",
  weights: "weights.bin",
  norms: "norms.bin",
  normTraces: "norm-traces.bin",
  signatures: "signatures.bin",
  model: "model.bin",
  metrics: "metrics.json",
} as const;

/** There when the report has an evaluation: int16 lanes, little-endian, record after record without padding; and a byte a record. */
export const EVALUATION_FILES = {
  holdout: "holdout.bin",
  labels: "labels.bin",
  predictions: "predictions.bin",
} as const;

/** int16 lanes, little-endian, unpadded. */
export function updatePath(seat: number): string {
  return `updates/${seat}.bin`;
}

/** In privacy mode B: the payload of a seat, encrypted, in place of its lanes; and who can read it. */
export function envelopePath(seat: number): string {
  return `updates/${seat}.envelope`;
}

export const ESCROW_FILE = "escrow.json";

/** A report or statement without the one field that its own bundle cannot hold: the digest of the directory that the bundle is. */
export type Unplaced<Statement extends { readonly artefact: Hex }> = Omit<Statement, "artefact">;

/** @param attempt The report's attempt; the seal's own is in `seal`. @param evaluation Null when the holdout is private: the metrics are then attested. */
export interface RoundManifest {
  readonly format: typeof ROUND_FORMAT;
  readonly version: 1;
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly round: number;
  readonly attempt: number;
  readonly parent: { readonly round: number; readonly reportHash: Hex; readonly artefact: Hex };
  readonly config: FederationConfig;
  readonly modelSpec: ModelSpec;
  readonly seal: Seal;
  readonly weightsHash: Hex;
  readonly sealHash: Hex;
  readonly report: Unplaced<Report>;
  readonly evaluation: Evaluation | null;
  readonly entries: readonly Omit<Entry, "signature">[];
  readonly files: readonly FileEntry[];
}

const FIXED_FILES = new Set<string>([...Object.values(ROUND_FILES), ...Object.values(EVALUATION_FILES), ESCROW_FILE]);

/** Whether a round's bundle may have a file of this path. */
export function isRoundFile(path: string): boolean {
  return FIXED_FILES.has(path) || /^updates\/(0|[1-9][0-9]{0,9})\.(bin|envelope)$/.test(path);
}

const schema = z.strictObject({
  format: z.literal(ROUND_FORMAT),
  version: z.literal(1),
  chainId: z.int().min(1),
  ledger: address,
  federation: uint(32),
  round: uint(32),
  attempt: uint(8),
  parent: z.strictObject({ round: uint(32), reportHash: bytes32, artefact: bytes32 }),
  config: structSchema("FederationConfig"),
  modelSpec: modelSpecSchema as unknown as z.ZodType<ModelSpec>,
  seal: structSchema("Seal"),
  weightsHash: bytes32,
  sealHash: bytes32,
  report: structSchema("Report", "artefact"),
  evaluation: fieldsSchema<Evaluation>(EVALUATION_FIELDS).nullable(),
  entries: z
    .array(z.strictObject({ seat: uint(32), updateRoot: bytes32, normSq: bigUint(64), normTraceRoot: bytes32, rho: uint(48), signer: address }))
    .min(1)
    .max(MAX_ENTRIES),
  files: fileListSchema(isRoundFile),
});

/** @throws bundle-unreadable, json-invalid, manifest-invalid, version-unknown, bundle-path */
export function readRoundManifest(reader: BundleReader): Promise<RoundManifest> {
  return readManifest<RoundManifest>(reader, ROUND_FORMAT, schema);
}
