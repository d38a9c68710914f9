import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Hex } from "viem";
import { encodePacked, toHex } from "viem/utils";
import { CONFIG_BYTES, encodeConfig, encodeRoundHeader, HEADER_BYTES } from "../../../protocol/faults/header.ts";
import { TYPES, type FederationConfig } from "../../../protocol/index.ts";
import { CONFIG } from "../support/round.ts";
import { withCode } from "../support/throws.ts";

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const SEAL = { attempt: 3, seatsHash: word("a1"), normsHash: word("a2"), normTracesHash: word("a3"), signaturesHash: word("a4") };
const REPORT = { metricsHash: word("b1"), excluded: 2n ** 255n + 5n, artefact: word("b3") };

describe("the header of proofs", () => {
  test("a configuration is its fields in order, each as wide as its type", () => {
    const types = TYPES.FederationConfig.map(({ type }) => type);
    const values = TYPES.FederationConfig.map(({ name }) => CONFIG[name]);
    assert.equal(toHex(encodeConfig(CONFIG)), encodePacked(types, values));
    assert.equal(encodeConfig(CONFIG).length, CONFIG_BYTES);
  });

  test("a header is attempt, configuration, four hashes of the seal and three words of the report", () => {
    const header = encodeRoundHeader({ config: CONFIG, seal: SEAL, report: REPORT });
    assert.equal(header.length, HEADER_BYTES);
    const expected = [Uint8Array.of(3), encodeConfig(CONFIG), ...["a1", "a2", "a3", "a4", "b1"].map((byte) => Uint8Array.from({ length: 32 }, () => Number(`0x${byte}`)))];
    assert.deepEqual(header.subarray(0, 297), new Uint8Array(expected.flatMap((part) => [...part])));
    assert.equal(toHex(header.subarray(297, 329)), `0x80${"00".repeat(30)}05`);
    assert.equal(toHex(header.subarray(329)), word("b3"));
  });

  test("without a report its three words are zero", () => {
    const header = encodeRoundHeader({ config: CONFIG, seal: SEAL, report: null });
    assert.deepEqual(header.subarray(0, 265), encodeRoundHeader({ config: CONFIG, seal: SEAL, report: REPORT }).subarray(0, 265));
    assert.deepEqual(header.subarray(265), new Uint8Array(96));
  });

  test("what does not fit its field is refused by its name", () => {
    const wrong: [Partial<FederationConfig>, RegExp][] = [
      [{ ruleId: 65_536 }, /ruleId is 65536, not an unsigned integer of 16 bits/], [{ ruleParam: 2n ** 64n }, /ruleParam/], [{ depth: -1 }, /depth is -1/],
      [{ rhoPerRound: 1.5 }, /rhoPerRound is 1.5/], [{ poolPerRound: -1n }, /poolPerRound/], [{ maxAttempts: Number.NaN }, /maxAttempts/],
    ];
    for (const [change, message] of wrong) assert.throws(() => encodeConfig({ ...CONFIG, ...change }), withCode("out-of-range", message));
    assert.throws(() => encodeConfig({ ...CONFIG, termsHash: "0x12" }), withCode("column-invalid"));
    const encode = (seal: object, report: object) => () => encodeRoundHeader({ config: CONFIG, seal: { ...SEAL, ...seal }, report: { ...REPORT, ...report } });
    assert.throws(encode({ attempt: 256 }, {}), withCode("out-of-range", /attempt is 256/));
    assert.throws(encode({}, { excluded: 2n ** 256n }), withCode("out-of-range", /excluded/));
    assert.throws(encode({ seatsHash: "0x" }, {}), withCode("column-invalid"));
    assert.throws(encode({}, { artefact: `${word("b3")}00` }), withCode("column-invalid"));
  });
});
