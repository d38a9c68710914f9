import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { installWallet } from "../e2e/wallet.ts";
import { assertAccessible } from "./axe.ts";
import { connect } from "./connect.ts";
import { devAccount } from "./world.ts";
import type { World } from "./world.ts";

/** What surrounds every page. */
export function describeShell(world: World): void {
  describe("the shell", () => {
    it("opens every page it lists, in both languages, without complaint and without asking anybody else", async () => {
      const visit = await world.visit();
      await visit.open("");
      await visit.page.locator("main h1").waitFor();
      for (const language of ["English", "中文"]) {
        await visit.page.getByRole("button", { name: language }).click();
        const links = await visit.page.locator(".navigation a[href^='#']").all();
        assert.ok(links.length >= 3);
        for (const link of links) {
          await link.click();
          await visit.page.locator("main h1").waitFor();
          await link.and(visit.page.locator("[aria-current=page]")).waitFor();
        }
      }
      const services = Object.values(world.deployment().services ?? {}).filter((url) => url !== undefined);
      const allowed = new Set([world.base(), world.deployment().rpcUrl, ...services].map((url) => new URL(url).host));
      assert.deepEqual([...visit.hosts].filter((host) => !allowed.has(host)), []);
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    for (const { name, width, colorScheme } of [
      { name: "wide and light", width: 1280, colorScheme: "light" },
      { name: "as narrow as a phone and dark", width: 360, colorScheme: "dark" },
    ] as const) {
      it(`is accessible on every page and never wider than the window: ${name}`, async () => {
        const visit = await world.visit({ viewport: { width, height: 800 }, colorScheme });
        await visit.open("");
        await visit.page.locator("main h1").waitFor();
        const rooms = await visit.page.locator(".navigation a[href^='#']").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
        assert.ok(rooms.length >= 3);
        for (const room of rooms) {
          await visit.open(room.replace("#/", ""));
          await visit.page.locator("main h1").waitFor();
          await visit.page.waitForTimeout(1000);
          await assertAccessible(visit.page);
          assert.equal(await visit.page.evaluate("document.documentElement.scrollWidth"), width, room);
        }
        await visit.close();
      });
    }

    it("lets the keyboard skip to the content", async () => {
      const visit = await world.visit();
      await visit.open("");
      await visit.page.locator("main h1").waitFor();
      await visit.page.keyboard.press("Tab");
      await visit.page.keyboard.press("Enter");
      assert.equal(await visit.page.evaluate("document.activeElement.id"), "content");
      await visit.close();
    });

    it("names a page that does not exist, and says so when the chain does not answer", async () => {
      const visit = await world.visit();
      await visit.open("no-such-room");
      await visit.page.getByRole("heading", { name: "No such page" }).waitFor();
      await visit.page.route(`${new URL(world.deployment().rpcUrl).origin}/**`, (route) => route.abort());
      await visit.open("card");
      await visit.page.reload();
      await visit.page.getByText("Not reachable").waitFor();
      await visit.close();
    });

    it("keeps the wallet across a reload, and lets go of it", async () => {
      const visit = await world.visit();
      await installWallet(visit.page, { account: devAccount(6), chains: [world.chain()] });
      await visit.open("");
      await connect(visit.page);
      await visit.page.reload();
      await visit.page.getByRole("button", { name: "Disconnect" }).click();
      await visit.page.getByRole("banner").getByRole("button", { name: "Connect wallet", exact: true }).waitFor();
      await visit.close();
    });
  });
}
