// Operators in a real browser: figures that equal the chain's, and a watcher that answers or does not.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { operatorsAbi, roundsAbi } from "../../protocol/abi/index.ts";
import { watcherHealthSchema } from "../../protocol/watcher/health.ts";
import { assertAccessible } from "./axe.ts";
import type { World } from "./world.ts";

export function describeOperators(world: World): void {
  describe("operators", () => {
    it("shows stakes, quorum and signed statements as the chain has them", async () => {
      const client = world.client();
      const { contracts } = world.deployment();
      const visit = await world.visit();
      await visit.open("operators");
      const rows = visit.page.locator("[data-operator]");
      await rows.first().locator("[data-stake]").waitFor();
      const admitted = await client.getContractEvents({ address: contracts.operators, abi: operatorsAbi, eventName: "OperatorAdmitted", fromBlock: 0n, strict: true });
      assert.equal(await rows.count(), admitted.length);
      for (const row of await rows.all()) {
        const operator = (await row.getAttribute("data-operator")) as `0x${string}`;
        const { stake } = await client.readContract({ address: contracts.operators, abi: operatorsAbi, functionName: "operatorOf", args: [operator] });
        assert.equal(await row.locator("[data-stake]").getAttribute("data-stake"), stake.toString());
      }
      const epoch = await client.readContract({ address: contracts.operators, abi: operatorsAbi, functionName: "currentEpoch" });
      assert.match(await visit.page.locator('[data-figure="threshold"] dd').innerText(), new RegExp(`^${epoch.threshold} of ${epoch.size}$`));
      const seals = await client.getContractEvents({ address: contracts.rounds, abi: roundsAbi, eventName: "RoundSealed", fromBlock: 0n, strict: true });
      const shown = await rows.evaluateAll((elements) => elements.map((element) => Number(element.getAttribute("data-signed"))).reduce((sum, each) => sum + each, 0));
      assert.ok(shown >= 2 * epoch.threshold * seals.length, `${shown} signatures on ${seals.length} rounds`);
      await assertAccessible(visit.page);
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("shows what the watcher says of itself", async () => {
      const url = world.deployment().services?.watcher;
      assert.ok(url !== undefined, "npm start runs a watcher");
      watcherHealthSchema.parse(await (await fetch(new URL("health", url))).json());
      const visit = await world.visit();
      await visit.open("operators");
      await visit.page.locator('[data-watcher="reachable"]').waitFor();
      assert.match(await visit.page.locator('[data-figure="watcher-block"]').innerText(), /block [\d,]+ · \d+ s ago/);
      await visit.close();
    });

    it("calls a watcher that is away not reachable, never zero", async () => {
      const url = world.deployment().services?.watcher;
      assert.ok(url !== undefined);
      const visit = await world.visit();
      await visit.page.route(`${new URL(url).origin}/**`, (route) => route.abort());
      await visit.open("operators");
      const away = visit.page.locator('[data-watcher="unreachable"]');
      await away.waitFor();
      assert.match(await away.innerText(), /Not reachable/);
      assert.equal(await visit.page.locator('[data-figure="watcher-block"]').count(), 0);
      await visit.close();
    });
  });
}
