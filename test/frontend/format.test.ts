import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatAmount, formatFee, splitAmount } from "../../frontend/src/format/amount.ts";
import { chainNow, formatDuration, splitDuration } from "../../frontend/src/format/duration.ts";
import { formatShare } from "../../frontend/src/format/share.ts";
import { shorten } from "../../frontend/src/format/shorten.ts";

const UNIT = 10n ** 18n;

describe("amounts of SHU", () => {
  it("are exact to the last decimal, beyond what a float can hold", () => {
    assert.equal(formatAmount(123_456_789n * UNIT + 1n), "123,456,789.000000000000000001");
    assert.equal(formatAmount((1n << 128n) - 1n), "340,282,366,920,938,463,463.374607431768211455");
  });
  it("carry no trailing zeros and no point without decimals", () => {
    assert.equal(formatAmount(0n), "0");
    assert.equal(formatAmount(1n), "0.000000000000000001");
    assert.equal(formatAmount(1500n * UNIT + UNIT / 2n), "1,500.5");
    assert.deepEqual(splitAmount(-3n * UNIT), { whole: "−3", fraction: "" });
  });
  it("round fees up, never down to nothing", () => {
    assert.equal(formatFee(1n), "0.000001");
    assert.equal(formatFee(100_947_600_000_000n), "0.000101");
    assert.equal(formatFee(0n), "0");
  });
});

describe("durations", () => {
  const units = { day: "d", hour: "h", minute: "min", second: "s" };
  it("show the two units that matter", () => {
    assert.equal(formatDuration(0, units), "0 s");
    assert.equal(formatDuration(59.9, units), "59 s");
    assert.equal(formatDuration(245, units), "4 min 05 s");
    assert.equal(formatDuration(3600 * 5 + 61, units), "5 h 1 min");
    assert.equal(formatDuration(86_400 * 3 + 7200, units), "3 d 2 h");
  });
  it("never run below zero", () => assert.deepEqual(splitDuration(-5), { days: 0, hours: 0, minutes: 0, seconds: 0 }));
  it("follow the reader's clock on a quiet chain and the chain's when it runs ahead", () => {
    assert.equal(chainNow(1000.7, 400n), 1000);
    assert.equal(chainNow(1000, 5000n), 5000);
  });
});

describe("shares", () => {
  it("round half up without floats", () => {
    assert.equal(formatShare(69n, 72n), "95.8 %");
    assert.equal(formatShare(1n, 3n, 2), "33.33 %");
    assert.equal(formatShare(1n, 2000n, 1), "0.1 %");
    assert.equal(formatShare(1n, 2n, 0), "50 %");
    assert.equal(formatShare(5n, 5n), "100.0 %");
  });
  it("of nothing are no number", () => assert.equal(formatShare(0n, 0n), "–"));
});

describe("hashes", () => {
  it("are shortened in the middle, short ones not at all", () => {
    assert.equal(shorten("0x09DB0a93B389bEF724429898f539AEB7ac2Dd55f"), "0x09DB…d55f");
    assert.equal(shorten("0x12345678"), "0x12345678");
  });
});
