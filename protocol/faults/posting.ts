/**
 * Posting the payload of a sealed entry on chain, part by part, so that no report can leave it out.
 * Read by `contracts/disputes/Postings.sol`; specified in docs/protocol.md, "Fault proofs".
 */
import { hashStruct, keccak256, stringToBytes } from "viem/utils";
import { bytesOf, concatBytes, fromHex, type Hex } from "../bytes.ts";
import { COLUMN_WIDTHS, packHex, packUints } from "../columns.ts";
import { protocolError } from "../errors.ts";
import { parameterCount, type ModelSpec } from "../model-spec.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { CHUNK_BYTES, hashTreeRoot, openChunk } from "../ssz/merkle.ts";
import { encodeRoundHeader, packUint, type RoundStatements } from "./header.ts";
import { traceAt } from "./norm-proof.ts";
import { requireEntry } from "./signature-proof.ts";

/** A part is a subtree of 2^11 chunks: 32,768 lanes. */
export const PART_HEIGHT = 11;

export interface PostingInput extends Omit<RoundStatements, "report"> {
  readonly spec: ModelSpec;
  readonly weights: readonly number[];
  readonly updateRoots: readonly Hex[];
  readonly norms: readonly bigint[];
  readonly traceRoots: readonly Hex[];
  readonly entry: number;
  /** The entry's N lanes. */
  readonly update: Int16Array;
}

/** What `Postings.post` takes besides federation and round. */
export interface PostingPart {
  readonly proof: Uint8Array;
  readonly lanes: Uint8Array;
}

/** @param count Parts in all. @param at Makes part `i`; they are posted in order. */
export interface Posting {
  readonly count: number;
  readonly at: (part: number) => PostingPart;
}

const TENSOR = {
  Tensor: [
    { name: "name", type: "string" },
    { name: "shape", type: "uint32[]" },
    { name: "offset", type: "uint64" },
    { name: "fracBits", type: "uint8" },
  ],
} as const;

/**
 * What `ModelLanes.read` takes: the specification with all but its last tensor hashed, which ends where the model does.
 * `count before ‖ dimensions ‖ hashes of the tensors before ‖ H(name) ‖ dimensions ‖ offset ‖ fraction bits`.
 * @throws out-of-range
 */
export function encodeLastTensor({ tensors }: ModelSpec): Uint8Array {
  const last = tensors.at(-1)!;
  const hashes = tensors.slice(0, -1).map((tensor) => hashStruct({ data: { ...tensor, offset: BigInt(tensor.offset) }, primaryType: "Tensor", types: TENSOR }));
  return concatBytes([
    packUint(hashes.length, 2, "tensors before the last"),
    packUint(last.shape.length, 1, "dimensions"),
    packHex(hashes, 32),
    fromHex(keccak256(stringToBytes(last.name)), 32),
    packUints(last.shape, 4),
    packUint(last.offset, 8, "offset"),
    packUint(last.fracBits, 1, "fraction bits"),
  ]);
}

/** Nodes of a tree at a height: `2^(depth − height)` of them, in order. */
function nodesAt(bytes: Uint8Array, depth: number, height: number, hashPairs?: HashPairs): Uint8Array {
  const span = CHUNK_BYTES * 2 ** height;
  return concatBytes(Array.from({ length: 2 ** (depth - height) }, (_, i) => hashTreeRoot(bytes.subarray(i * span, (i + 1) * span), height, hashPairs)));
}

function withoutTrailingZeros(bytes: Uint8Array): Uint8Array {
  let { length } = bytes;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return bytes.subarray(0, length);
}

/**
 * Prepares the posting of an entry. Costs one hashing of its update and of its trace.
 * Part: `header ‖ weights ‖ update roots ‖ norms ‖ norm traces ‖ entry ‖ part ‖ update siblings ‖ trace siblings ‖ [last: encodeLastTensor]`.
 * @throws out-of-range, column-invalid, length-mismatch
 */
export function preparePosting(input: PostingInput, hashPairs?: HashPairs): Posting {
  const { config, seal, spec, weights, updateRoots, norms, traceRoots, entry, update } = input;
  requireEntry(entry, weights.length);
  for (const [name, column] of Object.entries({ updateRoots, norms, traceRoots })) {
    if (column.length !== weights.length) throw protocolError("length-mismatch", `There are ${column.length} ${name} for ${weights.length} weights.`);
  }
  const parameters = parameterCount(spec);
  if (update.length !== parameters) throw protocolError("length-mismatch", `The update has ${update.length} lanes, not ${parameters}.`);
  const depth = config.depth + 2;
  const height = Math.min(depth, PART_HEIGHT);
  const levels = depth - height;
  const count = 2 ** levels;
  const bytes = bytesOf(update);
  const updateNodes = nodesAt(bytes, depth, height, hashPairs);
  const traceNodes = nodesAt(traceAt(update, config.depth), config.depth, height - 2, hashPairs);
  const opened = concatBytes([
    encodeRoundHeader({ config, seal, report: null }),
    packUints(weights, COLUMN_WIDTHS.weights),
    packHex(updateRoots, COLUMN_WIDTHS.updateRoots),
    packUints(norms, COLUMN_WIDTHS.norms),
    packHex(traceRoots, COLUMN_WIDTHS.normTraces),
    packUint(entry, 1, "entry"),
  ]);
  const span = CHUNK_BYTES * 2 ** height;

  const at = (part: number): PostingPart => {
    if (!Number.isInteger(part) || part < 0 || part >= count) throw protocolError("out-of-range", `Part ${part} is not in 0..${count - 1}.`);
    const proof = concatBytes([
      opened,
      packUint(part, 2, "part"),
      openChunk(updateNodes, levels, part, hashPairs).siblings,
      openChunk(traceNodes, levels, part, hashPairs).siblings,
      ...(part === count - 1 ? [encodeLastTensor(spec)] : []),
    ]);
    return { proof, lanes: withoutTrailingZeros(bytes.subarray(part * span, (part + 1) * span)) };
  };
  return { count, at };
}
