import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeAbiParameters, keccak256, stringToHex } from "viem";
import { createModelSpec, paddedCount, parameterCount, parseModelSpec, specRoot } from "../../protocol/index.ts";
import { SPEC } from "./support/round.ts";
import { withCode } from "./support/throws.ts";

const tensor = (over: object = {}) => ({ name: "w", shape: [2, 3], offset: 0, fracBits: 14, ...over });
const spec = (...tensors: object[]) => ({ version: 1, tensors });

describe("parseModelSpec", () => {
  test("accepts contiguous tensors and a scalar", () => {
    const parsed = parseModelSpec(spec(tensor(), tensor({ name: "s", shape: [], offset: 6 })));
    assert.equal(parameterCount(parsed), 7);
  });

  const refused: [string, unknown, RegExp][] = [
    ["no tensors", spec(), /tensors/],
    ["a gap", spec(tensor(), tensor({ name: "b", offset: 7 })), /starts at lane 7; the one before it ends at 6/],
    ["an overlap", spec(tensor(), tensor({ name: "b", offset: 5 })), /starts at lane 5/],
    ["a first offset above zero", spec(tensor({ offset: 1 })), /starts at lane 1/],
    ["equal names", spec(tensor(), tensor({ offset: 6 })), /Two tensors are named “w”/],
    ["an empty name", spec(tensor({ name: "" })), /name/],
    ["a zero dimension", spec(tensor({ shape: [0, 3] })), /shape/],
    ["a fractional dimension", spec(tensor({ shape: [1.5] })), /shape/],
    ["31 fraction bits", spec(tensor({ fracBits: 31 })), /fracBits/],
    ["negative fraction bits", spec(tensor({ fracBits: -1 })), /fracBits/],
    ["more than 2^31 lanes", spec(tensor({ shape: [2 ** 16, 2 ** 15 + 1] })), /beyond 2\^31/],
    ["an unknown field", spec(tensor({ dtype: "f32" })), /dtype|Unrecognized/],
    ["no object", null, /malformed/],
  ];
  for (const [name, input, message] of refused) {
    test(`refuses ${name}`, () => assert.throws(() => parseModelSpec(input), withCode("spec-invalid", message)));
  }

  test("tells a newer version from a broken file", () => {
    assert.throws(() => parseModelSpec({ version: 2, tensors: [tensor()] }), withCode("version-unknown", /version 2/));
  });

  test("accepts exactly 2^31 lanes", () => {
    assert.equal(parameterCount(parseModelSpec(spec(tensor({ shape: [2 ** 16, 2 ** 15] })))), 2 ** 31);
  });
});

test("paddedCount is the smallest 64·2^d that holds the parameters", () => {
  const padded = (n: number) => paddedCount(createModelSpec([{ name: "w", shape: [n], fracBits: 0 }]));
  assert.deepEqual([1, 63, 64, 65, 128, 129, 25_000_000].map(padded), [64, 64, 64, 128, 128, 256, 2 ** 25]);
});

test("specRoot is the EIP-712 struct hash, computed here by hand", () => {
  const tensorType = "Tensor(string name,uint32[] shape,uint64 offset,uint8 fracBits)";
  const specType = `ModelSpec(uint32 version,Tensor[] tensors)${tensorType}`;
  const word = { type: "bytes32" } as const;
  const tensors = SPEC.tensors.map(({ name, shape, offset, fracBits }) =>
    keccak256(encodeAbiParameters([word, word, word, { type: "uint64" }, { type: "uint8" }], [
      keccak256(stringToHex(tensorType)),
      keccak256(stringToHex(name)),
      keccak256(encodeAbiParameters(shape.map(() => ({ type: "uint256" })), shape.map(BigInt))),
      BigInt(offset),
      fracBits,
    ])),
  );
  const list = keccak256(`0x${tensors.map((hash) => hash.slice(2)).join("")}`);
  const expected = keccak256(encodeAbiParameters([word, { type: "uint32" }, word], [keccak256(stringToHex(specType)), 1, list]));
  assert.equal(specRoot(SPEC), expected);
});

test("every field of a specification changes its root", () => {
  const roots = new Set([
    SPEC,
    createModelSpec([{ name: "weights", shape: [7, 10], fracBits: 14 }, { name: "bias", shape: [7], fracBits: 10 }]),
    createModelSpec([{ name: "weight", shape: [10, 7], fracBits: 14 }, { name: "bias", shape: [7], fracBits: 10 }]),
    createModelSpec([{ name: "weights", shape: [10, 7], fracBits: 13 }, { name: "bias", shape: [7], fracBits: 10 }]),
    createModelSpec([{ name: "weights", shape: [10, 7], fracBits: 14 }]),
  ].map(specRoot));
  assert.equal(roots.size, 5);
});
