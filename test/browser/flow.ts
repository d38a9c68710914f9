import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { installWallet } from "../e2e/wallet.ts";
import { assertAccessible } from "./axe.ts";
import { connect } from "./connect.ts";
import { devAccount } from "./world.ts";
import type { World } from "./world.ts";

/** Values by key, as some elements carry them. */
async function valuesOf(page: Page, selector: string, key: string): Promise<Map<string, string>> {
  const pairs = await page.locator(selector).evaluateAll(
    (elements, name) => (elements as unknown as readonly { readonly dataset: Record<string, string> }[]).map(({ dataset }) => [dataset[name] ?? "", dataset["value"] ?? ""] as const),
    key,
  );
  return new Map(pairs);
}

const nodes = (page: Page): Promise<Map<string, string>> => valuesOf(page, ".plate .node", "node");

async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button, exact: true }).click()]);
  return readFile(await download.path(), "utf8");
}

/** The knowledge flow: the ledger that the product runs, drawn. */
export function describeFlow(world: World): void {
  describe("the knowledge flow", () => {
    it("draws the ledger, prints in = out, agrees with the chain, and says the same in words", async () => {
      const visit = await world.visit();
      const { page } = visit;
      await visit.open("flow");
      await page.locator(".plate .node").first().waitFor();
      const drawn = await nodes(page);
      assert(drawn.size >= 15, `${drawn.size} nodes`);
      assert.deepEqual(await valuesOf(page, "[data-twin]", "twin"), drawn, "the lists have the numbers of the drawing");
      const equation = page.locator(".equation > span").first();
      assert.equal(await equation.getAttribute("data-in"), await equation.getAttribute("data-out"));
      await page.getByText("Against the chain").click();
      for (const line of ["add up to what it distributed", "hash to what was signed", "hash to its seal"]) {
        const text = await page.locator(".checks li", { hasText: line }).innerText();
        assert.match(text, /agrees?/, text);
        assert.doesNotMatch(text, /differ|could not be checked/, text);
      }
      const ribbons = await valuesOf(page, ".plate [data-link]", "link");
      const rows = await valuesOf(page, ".links-frame [data-row]", "row");
      assert(rows.size > 5);
      for (const [key, value] of rows) assert.equal(value, ribbons.get(key), key);
      await page.getByRole("button", { name: "Sort by Value" }).click();
      const sorted = [...(await valuesOf(page, ".links-frame [data-row]", "row")).values()].map(BigInt);
      assert.deepEqual(sorted, sorted.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("follows a contribution from the search to its slip, whose bundle it checks, and back", async () => {
      const visit = await world.visit();
      const { page } = visit;
      await visit.open("flow");
      await page.getByLabel("Follow a contribution").fill("seat 1");
      await page.getByRole("button", { name: /^Seat 1 ·/ }).click();
      await page.locator(".followed path").first().waitFor();
      await page.getByRole("button", { name: "Its slip" }).click();
      const slip = page.locator(".slip[data-seat='1']");
      await slip.waitFor();
      await page.locator(".slip-frame button", { hasText: /^Round 2/ }).click();
      await page.locator(".slip[data-round='2']").waitFor();
      await page.getByText("Checked here").waitFor();
      assert.notEqual(await slip.getAttribute("data-tokens"), "0");
      await page.getByRole("button", { name: "Onto the shelf" }).click();
      await page.locator(".shelf .item.root").waitFor();
      await page.locator(".shelf .item-round button[aria-expanded='false']").first().click();
      await page.locator(".shelf .item-round button[aria-expanded='true']").waitFor();
      await page.locator(".shelf .item").nth(5).waitFor();
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("follows the connected account", async () => {
      const visit = await world.visit();
      const { page } = visit;
      await installWallet(page, { account: devAccount(20), chains: [world.chain()] });
      await visit.open("flow");
      await connect(page);
      await page.getByRole("button", { name: "Follow mine" }).click();
      await page.getByText("Following Seat").waitFor();
      await visit.close();
    });

    it("scrubs rounds, changes the measure, moves by keyboard; the address restores all of it", async () => {
      const visit = await world.visit();
      const { page } = visit;
      await visit.open("flow");
      await page.locator(".plate .node").first().waitFor();
      const whole = await page.locator(".equation").innerText();
      await page.getByLabel("To round").press("ArrowLeft");
      await page.getByLabel("To round").press("ArrowLeft");
      await page.locator(".flow-rounds output", { hasText: "Rounds 1–4" }).waitFor();
      await page.waitForFunction(`document.querySelector(".equation").innerText !== ${JSON.stringify(whole)}`);
      await page.getByLabel("Tokens").check();
      await page.locator(".equation .unit", { hasText: "SHU" }).waitFor();
      await page.locator(".node[tabindex='0']").focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      await page.locator(".node.picked").waitFor();
      const picked = await page.locator(".node.picked").getAttribute("data-node");
      assert.match(picked ?? "", /^institution:/);
      const before = await nodes(page);
      const address = page.url();
      assert.match(address, /measure=tokens/);
      assert.match(address, /to=4/);
      await visit.close();
      const other = await world.visit();
      await other.page.goto(address);
      await other.page.locator(".node.picked").waitFor();
      assert.deepEqual(await nodes(other.page), before);
      assert.equal(await other.page.locator(".node.picked").getAttribute("data-node"), picked);
      await other.page.getByRole("button", { name: "Only this" }).click();
      await other.page.getByText("Brushed to 1 institution").waitFor();
      await other.page.getByRole("button", { name: "Show everything" }).click();
      assert.doesNotMatch(other.page.url(), /institutions|from=|to=/);
      await other.close();
    });

    it("brushes from the catalogue", async () => {
      const visit = await world.visit();
      const { page } = visit;
      await visit.open("flow", "zoom=catalogue");
      await page.locator(".cells svg .cell").first().waitFor();
      await page.locator(".catalogue .rows input").first().check();
      await page.getByText("Brushed to 1 institution").waitFor();
      await page.getByRole("button", { name: "Show the brush in the Atlas" }).click();
      await page.locator(".plate .node").first().waitFor();
      const institutions = [...(await nodes(page)).keys()].filter((key) => key.startsWith("institution:"));
      assert.equal(institutions.length, 1);
      await visit.close();
    });

    it("gives the view away as SVG, CSV and PROV-JSON that others can read", async () => {
      const visit = await world.visit();
      const { page } = visit;
      await visit.open("flow");
      await page.locator(".plate .node").first().waitFor();
      const links = await page.locator(".plate [data-link]").count();
      const csv = (await saved(page, "CSV")).trimEnd().split("\r\n");
      assert.equal(csv.length, links + 1);
      const prov = JSON.parse(await saved(page, "PROV-JSON")) as Record<string, object>;
      assert(Object.keys(prov["entity"] ?? {}).length > 5 && Object.keys(prov["agent"] ?? {}).length > 4);
      const svg = await saved(page, "SVG");
      const parsed = await page.evaluate(`new DOMParser().parseFromString(${JSON.stringify(svg)}, "image/svg+xml").querySelectorAll("parsererror").length`);
      assert.equal(parsed, 0);
      assert.doesNotMatch(svg, /<script|href=|var\(/);
      await visit.close();
    });

    it("is accessible at every zoom, wide and as narrow as a phone, in both languages", async () => {
      for (const { width, locale, colorScheme } of [{ width: 1280, locale: "en-GB", colorScheme: "light" }, { width: 360, locale: "zh-CN", colorScheme: "dark" }] as const) {
        const visit = await world.visit({ viewport: { width, height: 800 }, locale, colorScheme });
        for (const zoom of ["atlas", "catalogue", "shelf", "slip"]) {
          await visit.open("flow", `zoom=${zoom}&follow=1`);
          await visit.page.locator(".plate .node, .cells .cell, .shelf .item, .slip-view .slip").first().waitFor();
          await assertAccessible(visit.page);
          assert.equal(await visit.page.evaluate("document.documentElement.scrollWidth"), width, zoom);
        }
        assert.deepEqual(visit.complaints, []);
        await visit.close();
      }
    });
  });
}
