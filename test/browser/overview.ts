import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertAccessible } from "./axe.ts";
import type { World } from "./world.ts";

/** What the ledger is, how far it is, and what has changed. */
export function describeOverview(world: World): void {
  describe("the overview", () => {
    it("says what is going on, with every accuracy checked, in both languages", async () => {
      const visit = await world.visit();
      await visit.open("");
      const federation = visit.page.locator('[data-federation="1"]');
      await federation.locator(".accuracy").waitFor();
      assert.match(await federation.locator(".accuracy").innerText(), /^\d+\.\d %$/);
      await federation.getByText(/part of Hospital A/).waitFor();
      await federation.locator("[data-under-way]").first().waitFor();
      await visit.page.getByText("This is your first visit with this browser.").waitFor();
      assert.equal(await visit.page.locator(".doors a").count(), 5);
      await visit.page.getByRole("button", { name: "中文" }).click();
      await visit.page.getByRole("heading", { name: "账本一览" }).waitFor();
      await federation.getByText("加权平均").waitFor();
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("says what has changed since the block that was seen last, and forgets it on a chain that was started anew", async () => {
      const visit = await world.visit();
      await visit.open("");
      await visit.page.locator("[data-news=first]").waitFor();
      const key = `chongwen.visit.${world.deployment().chainId}:${world.deployment().contracts.rounds}`;
      const pretend = (through: string): Promise<void> =>
        visit.page.evaluate(([name, value]) => localStorage.setItem(name ?? "", value ?? ""), [key, JSON.stringify({ before: null, through, at: 0 })]);
      await pretend("1");
      await visit.page.reload();
      await visit.page.locator("[data-news=some]").getByText("of federation 1 became final.").waitFor();
      await pretend("999999999");
      await visit.page.reload();
      await visit.page.locator("[data-news=first]").waitFor();
      await visit.close();
    });

    it("shows no accuracy whose file was changed, and nothing as zero while the chain is away", async () => {
      const visit = await world.visit();
      await visit.page.route("**/artefacts/*/metrics.json", (route) => route.fulfill({ body: '{"correct":90,"total":90}' }));
      await visit.page.route("**/artefacts/*/manifest.json", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replace(/"correct":\d+/, '"correct":1') });
      });
      await visit.open("");
      await visit.page.getByText("Not shown: the metrics file differs from the hash on chain.").waitFor();
      assert.equal(await visit.page.locator(".accuracy").count(), 0);
      await visit.page.route(`${new URL(world.deployment().rpcUrl).origin}/**`, (route) => route.abort());
      await visit.page.reload();
      await visit.page.getByText("Not reachable").waitFor();
      assert.equal(await visit.page.locator("[data-federation]").count(), 0);
      await visit.close();
    });

    it("is accessible once everything is there, wide and narrow, light and dark", async () => {
      for (const [width, colorScheme] of [[1280, "light"], [360, "dark"]] as const) {
        const visit = await world.visit({ viewport: { width, height: 800 }, colorScheme });
        await visit.open("");
        await visit.page.locator(".accuracy").first().waitFor();
        await assertAccessible(visit.page);
        assert.equal(await visit.page.evaluate("document.documentElement.scrollWidth"), width);
        await visit.close();
      }
    });
  });
}
