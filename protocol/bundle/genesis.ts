/** The genesis bundle: the first model, what its lanes mean and the first configuration. Its model root and artefact are round 0 of the federation. */
import { z } from "zod";
import type { Hex } from "viem";
import { bytesOf, int32Of } from "../bytes.ts";
import { configHash, reportHash } from "../eip712/hash.ts";
import type { FederationConfig, Report } from "../eip712/structs.ts";
import { type ModelSpec, modelSpecJson, modelSpecSchema, parameterCount, parseModelSpec, specRoot } from "../model-spec.ts";
import { requireLength } from "../quantise.ts";
import { bytes32 } from "../schema.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { modelRoot, vectorShape } from "../ssz/vector.ts";
import { encodeJson } from "./canonical-json.ts";
import { type Check, createCheckList } from "./checks.ts";
import { checkFileSet, type FileEntry, fileListSchema, MANIFEST } from "./files.ts";
import { readManifest } from "./manifest.ts";
import { readFile, type BundleReader } from "./reader.ts";
import { structSchema, toJson } from "./struct-json.ts";

export const GENESIS_FORMAT = "chongwen-genesis";
const MODEL = "model.bin";
const ZERO: Hex = `0x${"00".repeat(32)}`;

export interface GenesisManifest {
  readonly format: typeof GENESIS_FORMAT;
  readonly version: 1;
  readonly config: FederationConfig;
  readonly modelSpec: ModelSpec;
  readonly modelRoot: Hex;
  readonly files: readonly FileEntry[];
}

const schema = z.strictObject({
  format: z.literal(GENESIS_FORMAT),
  version: z.literal(1),
  config: structSchema("FederationConfig"),
  modelSpec: modelSpecSchema as unknown as z.ZodType<ModelSpec>,
  modelRoot: bytes32,
  files: fileListSchema((path) => path === MODEL),
});

/** The report of round 0, whose hash round 1 pins: everything but federation, model and artefact is zero. */
export function genesisReport(federation: number, modelRoot: Hex, artefact: Hex): Report {
  return { federation, round: 0, attempt: 0, sealHash: ZERO, modelRoot, metricsHash: ZERO, excluded: 0n, artefact };
}

/** @throws length-mismatch */
export function buildGenesisBundle(config: FederationConfig, modelSpec: ModelSpec, model: Int32Array, hashPairs?: HashPairs) {
  requireLength("The model", model.length, parameterCount(modelSpec));
  const root = modelRoot(model, hashPairs);
  const bytes = bytesOf(model);
  const manifest: GenesisManifest = {
    format: GENESIS_FORMAT, version: 1, config, modelSpec, modelRoot: root, files: [{ path: MODEL, bytes: bytes.length, sszRoot: root }],
  };
  const manifestBytes = encodeJson({ ...toJson(manifest), modelSpec: modelSpecJson(modelSpec) });
  return { files: new Map<string, Uint8Array>([[MANIFEST, manifestBytes], [MODEL, bytes]]), manifest, modelRoot: root };
}

/** From the event `FederationCreated`. @param reportHash Its genesis hash. */
export interface GenesisExpectations {
  readonly federation: number;
  readonly configHash: Hex;
  readonly modelRoot: Hex;
  readonly artefact: Hex;
  readonly reportHash: Hex;
}

/** @param model Null when it is not the one that the ledger names. */
export interface GenesisVerification {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly manifest: GenesisManifest;
  readonly model: Int32Array | null;
}

/** @throws bundle-unreadable, json-invalid, manifest-invalid, version-unknown, bundle-path, spec-invalid */
export async function verifyGenesisBundle(reader: BundleReader, expected: GenesisExpectations, hashPairs?: HashPairs): Promise<GenesisVerification> {
  const manifest = await readManifest<GenesisManifest>(reader, GENESIS_FORMAT, schema);
  const parameters = parameterCount(parseModelSpec(manifest.modelSpec));
  const list = createCheckList();
  list.same("configuration hash", MANIFEST, expected.configHash, configHash(manifest.config));
  list.same("model specification root", MANIFEST, manifest.config.modelSpecRoot, specRoot(manifest.modelSpec));
  list.same("depth of vectors", MANIFEST, vectorShape(parameters).depth, manifest.config.depth);
  list.same("listed model root", MANIFEST, expected.modelRoot, manifest.modelRoot);
  list.same("report hash", MANIFEST, expected.reportHash, reportHash(genesisReport(expected.federation, expected.modelRoot, expected.artefact)));
  const file = (await checkFileSet(list, reader, manifest.files, new Set([MODEL]))).get(MODEL);
  let model: Int32Array | null = null;
  if (file !== undefined) {
    const bytes = await readFile(reader, MODEL, 4 * parameters + 1);
    list.same("listed length", MODEL, 4 * parameters, file.bytes);
    if (list.same("model length", MODEL, 4 * parameters, bytes.length)) {
      const lanes = int32Of(bytes);
      const root = modelRoot(lanes, hashPairs);
      list.same("file hash", MODEL, "sszRoot" in file ? file.sszRoot : "no sszRoot in the manifest", root);
      if (list.same("model root", MODEL, expected.modelRoot, root)) model = lanes;
    }
  }
  return { ok: list.checks.every(({ ok }) => ok), checks: list.checks, manifest, model };
}
