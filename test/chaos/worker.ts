// Plays seeds against one chain, in a process of its own; speaks to the one that started it.
import { describePlan, planOf, quietPlan, MOST_ROUNDS, type KillPoints } from "./plan.ts";
import { runPlan, type Expected, type Outcome } from "./run.ts";
import { openChaosWorld } from "./world.ts";

export interface SeedResult extends Omit<Outcome, "expected" | "points"> {
  readonly seed: number;
  readonly plan: readonly string[];
  /** Megabytes of this process, and what it holds open. */
  readonly resident: number;
  readonly handles: number;
}

export type WorkerMessage = { readonly ready: KillPoints } | { readonly result: SeedResult } | { readonly log: string };

export interface SeedPlayer {
  /** Where a service can be killed, and how often a run without faults gets there. */
  readonly points: KillPoints;
  play(seed: number, log: (line: string) => void): Promise<SeedResult>;
  close(): Promise<void>;
}

/** Begins with runs without faults: what they come to, all others have to. @throws when those fail already */
export async function openSeedPlayer(log: (line: string) => void): Promise<SeedPlayer> {
  const world = await openChaosWorld();
  const expected = new Map<number, Expected>();
  let points: KillPoints = {};
  try {
    for (let rounds = 2; rounds <= MOST_ROUNDS; rounds++) {
      const quiet = await runPlan({ world, plan: quietPlan(rounds), expected: null, log });
      const [problem] = quiet.problems;
      if (problem !== undefined) throw new Error(`A run without faults fails: ${problem.what}`);
      expected.set(rounds, quiet.expected);
      points = quiet.points;
    }
  } catch (error) {
    await world.close();
    throw error;
  }
  return {
    points,
    async play(seed, log) {
      const plan = planOf(seed, points);
      const { expected: _, points: __, ...outcome } = await runPlan({ world, plan, expected: expected.get(plan.rounds) ?? null, log });
      return { seed, plan: describePlan(plan), ...outcome, resident: Math.round(process.memoryUsage.rss() / 2 ** 20), handles: process.getActiveResourcesInfo().length };
    },
    close: () => world.close(),
  };
}

if (import.meta.main) {
  const say = (message: WorkerMessage): void => void process.send?.(message);
  const player = await openSeedPlayer(() => undefined);
  process.on("message", (order: { readonly seed: number } | "end") => {
    if (order === "end") {
      void player.close().then(() => process.exit());
      return;
    }
    player.play(order.seed, (line) => say({ log: line })).then(
      (result) => say({ result }),
      (error: unknown) => {
        // The harness itself failed: a seed that was not played is not one that passed.
        say({ result: { seed: order.seed, plan: [], problems: [{ kind: "crashed", what: `the run itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }], faults: {}, kills: {}, seconds: 0, resident: 0, handles: 0 } });
      },
    );
  });
  process.on("disconnect", () => process.exit());
  say({ ready: player.points });
}
