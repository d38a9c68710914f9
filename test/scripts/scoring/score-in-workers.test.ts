import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shippedDermatology } from "../../../bench/data/dermatology.ts";
import { simulate } from "../../../bench/scoring/simulate.ts";
import { equalSites } from "../../../bench/scoring/sites.ts";
import { scoreDataTier } from "../../../protocol/scoring/data-tier.ts";
import type { DataTierInput } from "../../../protocol/scoring/window.ts";
import { defaultTerms } from "../../../protocol/terms/terms.ts";
import { scoreInWorkers } from "../../../scripts/scoring/score-in-workers.ts";

const SEED = 1;

function windowOf(sites: number): DataTierInput {
  const dataset = shippedDermatology();
  const draw = dataset.draw(SEED);
  const [window] = simulate(dataset, draw, equalSites(dataset, draw.pool, sites, SEED), SEED, { warmUp: 1, windows: 1, roundsPerWindow: 2 }).windows;
  assert.ok(window !== undefined);
  const { head, utility, gridBits } = window;
  return { ...window, terms: { ...defaultTerms({ head, utility, gridBits }).data, permutations: 20 } };
}

describe("scoring in threads", () => {
  it("gives what one thread gives, to the last unit, however the permutations are shared", async () => {
    const input = windowOf(14);
    const alone = scoreDataTier(input);
    for (const threads of [1, 3]) {
      const told: number[] = [];
      const shared = await scoreInWorkers(input, { threads, progress: (done, total) => told.push(done / total) });
      assert.deepEqual(shared, alone);
      assert.deepEqual(told, [...told].sort((a, b) => a - b));
      assert.equal(told.at(-1), 1);
    }
  });

  it("counts few clusters' coalitions without a thread", async () => {
    const input = windowOf(3);
    assert.deepEqual(await scoreInWorkers(input), scoreDataTier(input));
  });

  it("says what went wrong in a thread", async () => {
    const input = windowOf(14);
    const broken = { ...input, terms: { ...input.terms, utility: "mean-absolute-error" as const } };
    await assert.rejects(scoreInWorkers(broken, { threads: 1 }));
  });
});
