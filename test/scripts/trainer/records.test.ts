import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeRecords, DERMATOLOGY_PATH, encodeRecords, loadTable, splitTable } from "../../../scripts/data/index.ts";
import { failure } from "./fixtures.ts";

const holdout = splitTable(loadTable(DERMATOLOGY_PATH), { seed: 1 }).holdout.records;

describe("records as bytes", () => {
  it("come back as they were, also from the middle of a larger buffer", () => {
    const bytes = encodeRecords(holdout);
    assert.deepEqual(decodeRecords(bytes), holdout);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    assert.deepEqual(decodeRecords(shifted.subarray(3)), holdout);
  });

  it("have the documented layout", () => {
    const bytes = encodeRecords({ count: 1, featureCount: 2, classCount: 3, features: Float64Array.of(1, -0.5), labels: Uint8Array.of(2) });
    const hex = ["4357524543000001", "010000000200000003000000", "000000000000f03f", "000000000000e0bf", "02"].join("");
    assert.equal(Buffer.from(bytes).toString("hex"), hex);
  });

  it("data-records: anything else is refused", () => {
    const good = encodeRecords(holdout);
    const changed = (at: number, value: number): Uint8Array => {
      const copy = good.slice();
      copy[at] = value;
      return copy;
    };
    const nan = good.slice();
    new DataView(nan.buffer).setFloat64(20, Number.NaN, true);
    const cases: readonly [Uint8Array, RegExp][] = [
      [new Uint8Array(0), /0 bytes/],
      [good.subarray(0, -1), /its header promises/],
      [changed(0, 0), /does not start with/],
      [changed(7, 2), /version 1/],
      [changed(8, 0xff), /its header promises/],
      [changed(good.length - 1, 6), /label/],
      [nan, /not finite/],
    ];
    for (const [bytes, message] of cases) {
      const error = failure(() => decodeRecords(bytes));
      assert.equal(error.code, "data-records");
      assert.match(error.message, message);
    }
  });
});
