import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { epsilonOf, splitBudget } from "../../../protocol/privacy/zcdp.ts";
import { createRandom } from "../support/random.ts";

describe("ε from ρ", () => {
  it("is Bun and Steinke's bound", () => {
    assert.equal(epsilonOf(0n), 0);
    // ρ = 0.5, δ = 1e-5: 0.5 + 2·√(0.5·11.512925464970229)
    assert.ok(Math.abs(epsilonOf(500_000_000n, 1e-5) - 5.298525912) < 1e-8);
    // ρ = 1, δ = e^-1: 1 + 2·1
    assert.ok(Math.abs(epsilonOf(1_000_000_000n, Math.exp(-1)) - 3) < 1e-12);
  });

  it("property: grows with ρ, falls with δ, and is subadditive: two spends together cost no more than apart", () => {
    const random = createRandom(3);
    for (let i = 0; i < 10_000; i++) {
      const [a, b] = [BigInt(Math.floor(random() * 2e9)), BigInt(Math.floor(random() * 2e9) + 1)];
      const delta = 10 ** -(1 + 9 * random());
      assert.ok(epsilonOf(a + b, delta) > epsilonOf(a, delta));
      assert.ok(epsilonOf(b, delta / 2) > epsilonOf(b, delta));
      assert.ok(epsilonOf(a + b, delta) <= epsilonOf(a, delta) + epsilonOf(b, delta) + 1e-9);
    }
  });

  it("refuses what is no privacy loss or no chance", () => {
    assert.throws(() => epsilonOf(-1n), { code: "out-of-range" });
    for (const delta of [0, 1, -1, 2, Number.NaN]) assert.throws(() => epsilonOf(1n, delta), { code: "out-of-range" });
  });
});

describe("a dataset's budget", () => {
  it("adds up", () => assert.deepEqual(splitBudget({ cap: 100n, granted: 60n, unspent: 45n }), { spent: 15n, left: 85n, free: 40n }));

  it("is refused when it does not", () => {
    for (const [cap, granted, unspent] of [[10n, 11n, 0n], [10n, 5n, 6n], [10n, 5n, -1n]] as const) assert.throws(() => splitBudget({ cap, granted, unspent }), { code: "out-of-range" });
  });
});
