// Watchers on a local chain with the whole kernel. One chain for all, because starting one costs more than most tests.
import { after, before, describe } from "node:test";
import { describeFaults } from "./faults.ts";
import { describeWatchers } from "./watchers.ts";
import { startWorld, type World } from "./world.ts";

describe("a watcher on the real kernel", { timeout: 280_000 }, () => {
  let world: World;

  before(async () => {
    world = await startWorld();
    // Blocks come with transactions, and when a test says so.
    await world.rpc("evm_setIntervalMining", 0);
  });
  after(() => world.close());

  describeFaults(() => world);
  describeWatchers(() => world);
});
