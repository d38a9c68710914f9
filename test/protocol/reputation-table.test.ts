import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PPM, reputationOf } from "../../protocol/reputation/beta.ts";
import {
  MAX_REPUTATION_ROWS, REPUTATION_KINDS, REPUTATION_ROW_BYTES, decodeReputation, encodeReputation, observe, reputationHash, reputationIn,
} from "../../protocol/reputation/table.ts";
import type { KindObservation, ReputationKind, ReputationRow } from "../../protocol/reputation/table.ts";
import { createRandom } from "./support/random.ts";
import { withCode } from "./support/throws.ts";

const KINDS = Object.keys(REPUTATION_KINDS) as ReputationKind[];
const row = (contributor: number, kind: ReputationKind, alpha: number, beta: number): ReputationRow => ({ contributor, kind, alpha, beta });
const TABLE = [row(1, "data", PPM, 0), row(1, "feedback", 0, 1), row(2, "annotation", 2 ** 32 - 1, 2 ** 32 - 1), row(2 ** 32 - 1, "model", 5, 7)];
const refused = withCode("reputation-invalid");

describe("reputation table", () => {
  it("has the layout that the format names", () => {
    assert.deepEqual([...encodeReputation([row(0x01020304, "compute", 0x05060708, 0x090a0b0c)])], [1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.deepEqual(encodeReputation([]), new Uint8Array(0));
    assert.equal(reputationHash([]), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  });

  it("goes there and back", () => {
    assert.deepEqual(decodeReputation(encodeReputation(TABLE)), TABLE);
    assert.deepEqual(decodeReputation(new Uint8Array(0)), []);
  });

  it("keeps what a settlement does not mention, adds who is new, and leaves the table before as it was", () => {
    const before = structuredClone(TABLE);
    const next = observe(TABLE, [
      { contributor: 7, kind: "data", weight: PPM, success: 250_000 },
      { contributor: 1, kind: "data", weight: PPM, success: 0 },
    ]);
    assert.deepEqual(next, [row(1, "data", 900_000, PPM), TABLE[1], TABLE[2], row(7, "data", 250_000, 750_000), TABLE[3]]);
    assert.deepEqual(TABLE, before);
    assert.deepEqual(reputationIn(next, 7, "data"), reputationOf({ alpha: 250_000, beta: 750_000 }));
    assert.deepEqual(reputationIn(next, 7, "model"), { mean: 500_000, uncertainty: PPM, lower: -500_000, upper: 1_500_000 });
  });

  it("does not let kinds or contributors lend each other reputation", () => {
    const good = observe([], Array.from({ length: 1 }, () => ({ contributor: 3, kind: "feedback" as const, weight: PPM, success: PPM })));
    for (const kind of KINDS.filter((other) => other !== "feedback")) assert.equal(reputationIn(good, 3, kind).mean, 500_000, kind);
    assert.equal(reputationIn(good, 4, "feedback").mean, 500_000);
  });

  it("drops a row whose evidence has decayed to nothing, so that forgetting has one encoding too", () => {
    const faint = [row(1, "data", 1, 0)];
    assert.deepEqual(observe(faint, [{ contributor: 1, kind: "data", weight: 1, success: 0 }]), [row(1, "data", 0, 1)]);
    assert.deepEqual(observe([], [{ contributor: 1, kind: "data", weight: 0, success: PPM }]), []);
  });

  it("gives the same table whatever the order of the observations", () => {
    const random = createRandom(11);
    for (let i = 0; i < 200; i++) {
      const observations = Array.from({ length: 30 }, (_, k): KindObservation => ({
        contributor: 1 + Math.floor(k / KINDS.length), kind: KINDS[k % KINDS.length]!, weight: 1 + Math.floor(random() * PPM), success: Math.floor(random() * (PPM + 1)),
      }));
      const shuffled = observations.map((item) => ({ item, by: random() })).sort((a, b) => a.by - b.by).map(({ item }) => item);
      assert.equal(reputationHash(observe(TABLE, observations)), reputationHash(observe(TABLE, shuffled)));
    }
  });

  it("refuses two observations of one kind: a settlement cannot count a success twice", () => {
    const once = { contributor: 1, kind: "data", weight: PPM, success: PPM } as const;
    assert.throws(() => observe([], [once, once]), refused);
  });
});

describe("hostile reputation tables", () => {
  const bytes = encodeReputation(TABLE);
  const changed = (at: number, value: number): Uint8Array => bytes.with(at, value);
  const swapped = (): Uint8Array => encodeRows([TABLE[1]!, TABLE[0]!]);
  /** Without the checks of the encoder. */
  function encodeRows(rows: readonly ReputationRow[]): Uint8Array {
    return Uint8Array.from(rows.flatMap((one) => [...encodeReputation([one])]));
  }

  it("refuses part of a row", () => {
    for (const length of [1, 12, 14, bytes.length - 1]) assert.throws(() => decodeReputation(bytes.slice(0, length)), refused, String(length));
  });
  it("refuses kinds that nobody knows, the operators' among them", () => {
    for (const kind of [0, 7, 255]) assert.throws(() => decodeReputation(changed(4, kind)), refused, String(kind));
  });
  it("refuses a row twice, and rows out of order", () => {
    assert.throws(() => decodeReputation(encodeRows([TABLE[0]!, TABLE[0]!])), refused);
    assert.throws(() => decodeReputation(swapped()), refused);
    assert.throws(() => encodeReputation(TABLE.toReversed()), refused);
    assert.throws(() => observe(TABLE.toReversed(), []), refused);
  });
  it("refuses contributor 0 and rows without evidence: a second encoding of the same state", () => {
    assert.throws(() => decodeReputation(changed(3, 0)), refused);
    const empty = bytes.slice();
    empty.fill(0, 5, REPUTATION_ROW_BYTES);
    assert.throws(() => decodeReputation(empty), refused);
  });
  it("refuses more rows than a federation can have, before it reads them", () => {
    assert.throws(() => decodeReputation(new Uint8Array((MAX_REPUTATION_ROWS + 1) * REPUTATION_ROW_BYTES)), refused);
    const most = Array.from({ length: MAX_REPUTATION_ROWS }, (_, i) => row(i + 1, "data", 1, 0));
    assert.equal(decodeReputation(encodeReputation(most)).length, MAX_REPUTATION_ROWS);
    assert.throws(() => encodeReputation([...most, row(MAX_REPUTATION_ROWS + 1, "data", 1, 0)]), refused);
    assert.throws(() => observe(most, [{ contributor: MAX_REPUTATION_ROWS + 1, kind: "data", weight: 1, success: 1 }]), refused);
  });
  it("refuses to write what does not fit", () => {
    const outOfRange = withCode("out-of-range");
    for (const bad of [-1, 0.5, 2 ** 32, Number.NaN]) {
      assert.throws(() => encodeReputation([row(1, "data", bad, 1)]), outOfRange, String(bad));
      assert.throws(() => encodeReputation([row(bad, "data", 1, 1)]), outOfRange, String(bad));
    }
  });
  it("property: any bytes that are accepted are the only encoding of what they mean", () => {
    const random = createRandom(5);
    let accepted = 0;
    for (let i = 0; i < 5_000; i++) {
      const noisy = changed(Math.floor(random() * bytes.length), Math.floor(random() * 256));
      try {
        assert.deepEqual(encodeReputation(decodeReputation(noisy)), noisy);
        accepted += 1;
      } catch (error) {
        assert.equal((error as { code?: string }).code, "reputation-invalid");
      }
    }
    assert.ok(accepted > 500);
  });
});
