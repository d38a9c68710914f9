// The short profile of `npm run test:chaos`: what seeds decide, and one run of the service itself through a kill, a reorganisation and a hostile bundle.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planOf, quietPlan, type KillPoints, type Plan } from "../../chaos/plan.ts";
import { RPC_FAULTS } from "../../chaos/rpc-faults.ts";
import { runPlan, type Problem } from "../../chaos/run.ts";
import { summarise } from "../../chaos/summary.ts";
import { openChaosWorld } from "../../chaos/world.ts";

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1);
const POINTS: KillPoints = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`point ${i}`, 1 + (i % 5)]));
const played = (seed: number, problems: readonly Problem[] = []) => ({ seed, plan: ["a plan"], problems, faults: {}, kills: {}, seconds: 1, resident: 1, handles: 1 });

describe("chaos", () => {
  it("a seed decides everything, and always the same", () => {
    for (const seed of [1, 7, 4_711]) assert.deepEqual(planOf(seed, POINTS), planOf(seed, POINTS));
    assert.notDeepEqual(planOf(1, POINTS), planOf(2, POINTS));
  });

  it("200 seeds plan every fault of an endpoint, every depth of a reorganisation and every kill point", () => {
    const plans = SEEDS.map((seed) => planOf(seed, POINTS));
    const kinds = new Set(plans.flatMap(({ rpc }) => rpc.map(({ kind }) => kind)));
    assert.deepEqual(RPC_FAULTS.filter((kind) => !kinds.has(kind)), []);
    const depths = new Set(plans.flatMap(({ reorganisations }) => reorganisations.map(({ depth }) => depth)));
    assert.deepEqual(Array.from({ length: 32 }, (_, i) => i + 1).filter((depth) => !depths.has(depth)), []);
    const killed = new Set(plans.flatMap(({ lives }) => lives.flat().map(({ die }) => die?.point)));
    assert.deepEqual(Object.keys(POINTS).filter((point) => !killed.has(point)), []);
  });

  it("a failing seed is named with the command that plays it again; a run that used too little is no pass", () => {
    const failed = summarise([played(1), played(2, [{ kind: "lost", what: "round 1 is Open" }])], {}, { megabytes: 0, handles: 0 }, 1);
    assert.deepEqual([failed.ok, failed.lost, failed.failures[0]?.seed, failed.failures[0]?.again], [false, 1, 2, "npm run test:chaos -- --seed 2"]);
    assert.equal(summarise([played(1)], {}, { megabytes: 0, handles: 0 }, 1).ok, true);
    assert.equal(summarise(SEEDS.map((seed) => played(seed)), POINTS, { megabytes: 0, handles: 0 }, 1).ok, false);
  });

  it("killed, taken back by the chain and lied to, a service still records every round once", async () => {
    const world = await openChaosWorld();
    try {
      const [[safe]] = quietPlan(2).lives as [[Plan["lives"][number][number]]];
      const plan: Plan = {
        ...quietPlan(2), seed: 1, again: true, hostile: "bent model", lives: [[{ ...safe, die: { point: "after update bundles sealing", time: 1 } }, safe]],
        reorganisations: [{ transaction: 1, wait: 100, depth: 5, resent: false }],
      };
      const { problems, kills, faults } = await runPlan({ world, plan, expected: null, log: () => undefined });
      assert.deepEqual(problems, []);
      assert.deepEqual(kills, { "after update bundles sealing": 1 });
      assert.ok(Object.keys(faults).some((name) => name.startsWith("reorganisation")), JSON.stringify(faults));
    } finally {
      await world.close();
    }
  });
});
