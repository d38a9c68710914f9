import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { betaReputation } from "../../protocol/reputation/beta.ts";
import { createRandom } from "./support/random.ts";

/** Mean and deviation of Beta(1 + r, 1 + s) by summing its density: another way than the closed form. */
function integrated(r: number, s: number): readonly [number, number] {
  const steps = 20_000;
  let [mass, first, second] = [0, 0, 0];
  for (let i = 0; i < steps; i++) {
    const p = (i + 0.5) / steps;
    const density = Math.exp(r * Math.log(p) + s * Math.log(1 - p));
    mass += density;
    first += p * density;
    second += p * p * density;
  }
  const mean = first / mass;
  return [mean, Math.sqrt(second / mass - mean * mean)];
}

describe("beta reputation", () => {
  it("knows nothing of a newcomer", () => assert.deepEqual(betaReputation({ final: 0, overturned: 0 }), { mean: 0.5, deviation: Math.sqrt(1 / 12), uncertainty: 1 }));

  it("is the mean and deviation of the distribution that it names", () => {
    for (const [final, overturned] of [[0, 0], [1, 0], [7, 2], [40, 1], [3, 30]] as const) {
      const { mean, deviation } = betaReputation({ final, overturned });
      const [m, d] = integrated(final, overturned);
      assert.ok(Math.abs(mean - m) < 1e-6 && Math.abs(deviation - d) < 1e-5, `${final}/${overturned}: ${mean} ${m} ${deviation} ${d}`);
    }
  });

  it("property: within 0 and 1, up with what stood, down with what fell, mirrored, and surer with more of both", () => {
    const random = createRandom(7);
    for (let i = 0; i < 10_000; i++) {
      const [final, overturned] = [Math.floor(random() * 500), Math.floor(random() * 500)];
      const here = betaReputation({ final, overturned });
      assert.ok(here.mean > 0 && here.mean < 1 && here.deviation > 0 && here.deviation <= Math.sqrt(1 / 12));
      assert.ok(betaReputation({ final: final + 1, overturned }).mean > here.mean);
      assert.ok(betaReputation({ final, overturned: overturned + 1 }).mean < here.mean);
      assert.ok(Math.abs(betaReputation({ final: overturned, overturned: final }).mean - (1 - here.mean)) < 1e-12);
      const more = betaReputation({ final: 2 * final + 1, overturned: 2 * overturned + 1 });
      assert.ok(more.uncertainty < here.uncertainty && more.deviation < here.deviation);
    }
  });

  it("refuses what are no counts", () => {
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 53]) assert.throws(() => betaReputation({ final: bad, overturned: 0 }), { code: "out-of-range" });
  });
});
