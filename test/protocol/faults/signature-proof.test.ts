import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toHex } from "../../../protocol/bytes.ts";
import { encodeRoundHeader } from "../../../protocol/faults/header.ts";
import { encodeSignatureProof, type SignatureProofInput } from "../../../protocol/faults/signature-proof.ts";
import { type Hex } from "../../../protocol/index.ts";
import { CONFIG } from "../support/round.ts";
import { withCode } from "../support/throws.ts";

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const column = (length: number, value: number) => new Uint8Array(length).fill(value);
const INPUT: SignatureProofInput = {
  config: CONFIG,
  seal: { attempt: 1, seatsHash: word("a1"), normsHash: word("a2"), normTracesHash: word("a3"), signaturesHash: word("a4") },
  report: { metricsHash: word("b1"), excluded: 8n, artefact: word("b3") },
  weightsHash: word("c1"),
  modelRoot: word("c2"),
  columns: { seats: column(8, 1), updateRoots: column(64, 2), norms: column(16, 3), normTraces: column(64, 4), signatures: column(128, 5) },
  entry: 1,
};

describe("the proof of a missing signature", () => {
  test("is header, hashes, entry, two columns of known length and three with theirs", () => {
    const proof = encodeSignatureProof(INPUT);
    assert.deepEqual(proof.subarray(0, 361), encodeRoundHeader(INPUT));
    const columns = `01${"01".repeat(8)}${"02".repeat(64)}00000010${"03".repeat(16)}00000040${"04".repeat(64)}00000080${"05".repeat(128)}`;
    assert.equal(toHex(proof.subarray(361)), `0x${"c1".repeat(32)}${"c2".repeat(32)}${columns}`);
    const sealed = { ...INPUT, report: null, modelRoot: null };
    assert.equal(toHex(encodeSignatureProof(sealed).subarray(361)), `0x${"c1".repeat(32)}${columns}`);
    assert.deepEqual(encodeSignatureProof(sealed).subarray(0, 361), encodeRoundHeader(sealed));
  });

  test("takes malformed columns: they are what it is to show", () => {
    const columns = { ...INPUT.columns, norms: column(3, 3), normTraces: new Uint8Array(), signatures: column(129, 5) };
    const proof = encodeSignatureProof({ ...INPUT, columns });
    assert.equal(toHex(proof.subarray(361 + 64 + 73)), `0x000000030303030000000000000081${"05".repeat(129)}`);
  });

  test("what does not fit together is refused", () => {
    for (const entry of [-1, 2, 0.5]) assert.throws(() => encodeSignatureProof({ ...INPUT, entry }), withCode("out-of-range", /Entry/));
    assert.throws(() => encodeSignatureProof({ ...INPUT, modelRoot: null }), withCode("column-invalid", /model root/));
    assert.throws(() => encodeSignatureProof({ ...INPUT, report: null }), withCode("column-invalid", /model root/));
    const columns = { ...INPUT.columns, updateRoots: column(63, 2) };
    assert.throws(() => encodeSignatureProof({ ...INPUT, columns }), withCode("length-mismatch"));
    assert.throws(() => encodeSignatureProof({ ...INPUT, weightsHash: "0x01" }), withCode("column-invalid"));
  });
});
