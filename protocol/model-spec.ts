/** What the lanes of a vector mean. The root of the specification is in the federation's configuration, hence in everything that is signed. */
import { z } from "zod";
import { hashStruct } from "viem/utils";
import type { Hex } from "./bytes.ts";
import { protocolError } from "./errors.ts";
import { firstIssue, uint } from "./schema.ts";
import { MAX_PARAMETERS, vectorShape } from "./ssz/vector.ts";

const tensorSchema = z.strictObject({
  name: z.string().min(1).max(256),
  shape: z.array(z.int().min(1).max(2 ** 32 - 1)).max(32),
  offset: z.int().min(0).max(MAX_PARAMETERS),
  fracBits: z.int().min(0).max(30),
});

export const modelSpecSchema = z.strictObject({
  version: uint(32),
  tensors: z.array(tensorSchema).min(1).max(65_536),
});

/** @param shape Dimensions; empty for a scalar. @param offset First lane. @param fracBits f: one unit of a lane is 2^−f. */
export type TensorSpec = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly fracBits: number;
};

export type ModelSpec = {
  readonly version: 1;
  readonly tensors: readonly TensorSpec[];
};

/** Lanes of one tensor. */
export function tensorSize(tensor: TensorSpec): number {
  return tensor.shape.reduce((product, dimension) => product * dimension, 1);
}

/**
 * Checks a specification that came from outside.
 * Rules: version 1; names unique; dimensions ≥ 1; offsets contiguous from 0; fraction bits 0..30; at most 2^31 lanes in all.
 * @throws version-unknown, spec-invalid
 */
export function parseModelSpec(input: unknown): ModelSpec {
  const parsed = modelSpecSchema.safeParse(input);
  if (!parsed.success) throw protocolError("spec-invalid", `The model specification is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const { version, tensors } = parsed.data;
  if (version !== 1) throw protocolError("version-unknown", `Model specification version ${version}; this software knows version 1.`);
  const names = new Set<string>();
  let offset = 0;
  for (const tensor of tensors) {
    if (names.has(tensor.name)) throw protocolError("spec-invalid", `Two tensors are named “${tensor.name}”.`);
    names.add(tensor.name);
    if (tensor.offset !== offset) {
      throw protocolError("spec-invalid", `Tensor “${tensor.name}” starts at lane ${tensor.offset}; the one before it ends at ${offset}.`);
    }
    offset += tensorSize(tensor);
    if (offset > MAX_PARAMETERS) throw protocolError("spec-invalid", `Tensor “${tensor.name}” ends at lane ${offset}, beyond 2^31.`);
  }
  return { version, tensors };
}

/** Builds a specification from names, shapes and fraction bits; offsets follow from the order. @throws spec-invalid */
export function createModelSpec(tensors: readonly Omit<TensorSpec, "offset">[]): ModelSpec {
  let offset = 0;
  const placed = tensors.map(({ name, shape, fracBits }) => {
    const tensor = { name, shape: [...shape], offset, fracBits };
    offset += tensorSize(tensor);
    return tensor;
  });
  return parseModelSpec({ version: 1, tensors: placed });
}

/** N: lanes of an update or a model. */
export function parameterCount(spec: ModelSpec): number {
  return spec.tensors.reduce((sum, tensor) => sum + tensorSize(tensor), 0);
}

/** P = 64·2^d, the smallest with P ≥ N: lanes of the committed vectors. */
export function paddedCount(spec: ModelSpec): number {
  return vectorShape(parameterCount(spec)).padded;
}

const TYPES = {
  ModelSpec: [
    { name: "version", type: "uint32" },
    { name: "tensors", type: "Tensor[]" },
  ],
  Tensor: [
    { name: "name", type: "string" },
    { name: "shape", type: "uint32[]" },
    { name: "offset", type: "uint64" },
    { name: "fracBits", type: "uint8" },
  ],
} as const;

/** EIP-712 struct hash of `ModelSpec(uint32 version,Tensor[] tensors)Tensor(string name,uint32[] shape,uint64 offset,uint8 fracBits)`. */
export function specRoot(spec: ModelSpec): Hex {
  const tensors = spec.tensors.map((tensor) => ({ ...tensor, offset: BigInt(tensor.offset) }));
  return hashStruct({ data: { version: spec.version, tensors }, primaryType: "ModelSpec", types: TYPES });
}

/** As `parseModelSpec` reads it. Names stay as they are. */
export function modelSpecJson({ version, tensors }: ModelSpec) {
  return { version, tensors: tensors.map(({ name, shape, offset, fracBits }) => ({ name, shape: [...shape], offset, fracBits })) };
}
