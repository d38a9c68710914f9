// The dapp in a real browser, every page and every flow: `npm run test:e2e`.
import { after, before, describe } from "node:test";
import { missingBrowser } from "../e2e/browser.ts";
import { describeIndexer } from "./indexer.ts";
import { describeAnnotate } from "./annotate.ts";
import { describeFlow } from "./flow.ts";
import { describeJoin } from "./join.ts";
import { describeDatasets } from "./datasets.ts";
import { describeOperators } from "./operators.ts";
import { describeRounds } from "./rounds.ts";
import { describeGovernance } from "./governance.ts";
import { describeCard } from "./card.ts";
import { describeOverview } from "./overview.ts";
import { describeShell } from "./shell.ts";
import { describeVerify } from "./verify.ts";
import { openWorld } from "./world.ts";
import type { OpenedWorld, World } from "./world.ts";

const skip = missingBrowser() ?? false;
if (skip !== false) console.warn(`SKIPPED the browser tests: ${skip}.`);

describe("the dapp in a browser", { skip, timeout: 900_000, concurrency: false }, () => {
  let opened: OpenedWorld | undefined;
  const get = (): OpenedWorld => {
    if (opened === undefined) throw new Error("The world is opened before the first test.");
    return opened;
  };
  const world: World = {
    base: () => get().base(),
    deployment: () => get().deployment(),
    chain: () => get().chain(),
    client: () => get().client(),
    visit: (options) => get().visit(options),
    wait: (seconds) => get().wait(seconds),
  };
  before(async () => {
    opened = await openWorld();
  });
  after(() => opened?.close());

  describeShell(world);
  describeFlow(world);
  describeOverview(world);
  describeCard(world);
  describeVerify(world);
  describeIndexer(world);
  describeAnnotate(world);
  describeJoin(world);
  describeOperators(world);
  describeRounds(world);
  // What they withdraw stays withdrawn.
  describeDatasets(world);
  describeGovernance(world);
});
