import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { createTestClient, createWalletClient, defineChain, http } from "viem";
import type { Address, HDAccount, Hex } from "viem";
import { contributionTokenAbi } from "../../protocol/abi/index.ts";
import { installWallet } from "../e2e/wallet.ts";
import { assertAccessible } from "./axe.ts";
import { connect } from "./connect.ts";
import { devAccount } from "./world.ts";
import type { Visit, World } from "./world.ts";

/** Accounts 20 to 29 are the simulated hospitals' own. */
const hospitals = Array.from({ length: 10 }, (_, i) => devAccount(20 + i));
const stranger = devAccount(62);

const figure = (page: Page, name: string) => page.locator(`[data-federation="1"] [data-figure="${name}"] data`);
const amountOf = async (page: Page, name: string): Promise<bigint> => BigInt((await figure(page, name).getAttribute("value")) ?? "-1");

/** RFC 4180, as strict as a spreadsheet is not. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let row: string[] = [];
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "\r\n") {
      rows.push(row);
      row = [];
    }
    if (pattern.lastIndex === text.length) return rows;
  }
  return assert.fail("The file does not end with a line.");
}

/** What an account earned, why, and the way to claim it. */
export function describeCard(world: World): void {
  const balanceOf = (account: Address): Promise<bigint> =>
    world.client().readContract({ address: world.deployment().contracts.token, abi: contributionTokenAbi, functionName: "balanceOf", args: [account] });

  /** A hospital that has something to claim, found by looking at each. */
  const unpaid = async (visit: Visit): Promise<HDAccount> => {
    for (const hospital of hospitals) {
      await visit.open("card", `account=${hospital.address}`);
      await figure(visit.page, "claimable").waitFor();
      if ((await amountOf(visit.page, "claimable")) > 0n) return hospital;
    }
    return assert.fail("Every hospital has claimed everything: start the product anew.");
  };

  describe("the library card", () => {
    it("shows a receipt of every settlement by quality, worked out again here but for the judgement of the data", async () => {
      const visit = await world.visit();
      await visit.open("card/receipts", `account=${hospitals[0]?.address}`);
      const receipts = visit.page.locator("[data-receipt]");
      await visit.page.locator("[data-stamp=partly]").first().waitFor();
      assert.ok((await receipts.count()) >= 2, "at least two settlements");
      for (const receipt of await receipts.all()) {
        if ((await receipt.getAttribute("open")) === null) await receipt.locator("> summary").click();
        await receipt.locator("[data-stamp=partly]").waitFor();
        await receipt.locator("[data-quality=checked]").waitFor();
        const scores = await receipt.locator("[data-tier]").evaluateAll((lines) => lines.map((line) => line.getAttribute("data-score") ?? "0"));
        const score = scores.reduce((sum, each) => sum + BigInt(each), 0n);
        const shown = (await receipt.locator(".formula").innerText()).match(/× (\d+) ÷ (\d+)/);
        assert.deepEqual([shown?.[1], shown?.[2]], [String(score), String(10n ** 12n)], "the tiers' scores are the seat's");
      }
      await receipts.first().getByText("Sources").click();
      await receipts.first().getByText(/^npx chongwen audit --settlement \d+$/).waitFor();
      assert.match((await receipts.first().locator("a[href^='verify/']").getAttribute("href")) ?? "", /^verify\/#\/settlement\/\d+$/);
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("sets no seal on a receipt whose round is not the sealed one, and shows no score that was not signed", async () => {
      const visit = await world.visit();
      await visit.page.route("**/artefacts/*/weights.bin", async (route) => {
        const response = await route.fetch();
        const body = await response.body();
        body.writeUInt8(body.readUInt8(1) ^ 1, 1);
        await route.fulfill({ response, body });
      });
      await visit.open("card/receipts", `account=${hospitals[0]?.address}`);
      await visit.page.locator("[data-stamp=unchecked]").waitFor();
      assert.equal(await visit.page.locator("[data-stamp=checked], [data-stamp=partly], [data-quality=checked], .counterfactual").count(), 0);
      await visit.page.unroute("**/artefacts/*/weights.bin");
      await visit.page.route("**/artefacts/*/scores.bin", (route) => route.fulfill({ body: Buffer.alloc(48) }));
      await visit.page.reload();
      await visit.page.getByText("The scores and amounts behind it could not be checked, so they are not shown.").waitFor();
      assert.equal(await visit.page.locator(".receipt-amount").count(), 0);
      await visit.close();
    });

    it("lets another account send what a payee signed, and only that", async () => {
      const visit = await world.visit();
      const payee = await unpaid(visit);
      await installWallet(visit.page, { account: payee, chains: [world.chain()] });
      await visit.open("card");
      await connect(visit.page);
      const claimable = await amountOf(visit.page, "claimable");
      await visit.page.getByText("Write a permission").click();
      await visit.page.getByLabel("Recipient").fill(stranger.address);
      await visit.page.getByRole("button", { name: "Sign the permission" }).click();
      const permission = await visit.page.getByLabel("the permission", { exact: true }).inputValue();
      await visit.close();

      const sender = await world.visit();
      await installWallet(sender.page, { account: devAccount(63), chains: [world.chain()] });
      await sender.open("card");
      await connect(sender.page);
      await sender.page.getByText("Send a permission").click();
      const paste = sender.page.getByLabel("Permission", { exact: true });
      const forged = permission.replace(stranger.address, devAccount(63).address);
      assert.notEqual(forged, permission);
      await paste.fill(forged);
      await sender.page.locator("[data-problem=bad-signature]").waitFor();
      await paste.fill("{}");
      await sender.page.locator("[data-problem=unreadable]").waitFor();
      await paste.fill(permission);
      const before = await balanceOf(stranger.address);
      await sender.page.getByText(/^Simulated: it will succeed/).waitFor();
      await sender.page.getByRole("button", { name: /^Send [\d,.]+ SHU to 0x/ }).click();
      await sender.page.locator("[data-problem=already-claimed]").waitFor();
      assert.equal(await balanceOf(stranger.address), before + claimable);
      assert.equal(await sender.page.getByRole("button", { name: /^Send [\d,.]+ SHU/ }).count(), 0);
      assert.deepEqual(sender.complaints, []);
      await sender.close();
    });

    it("gives history and statement whose sums are those of the chain, as a file that parses", async () => {
      const visit = await world.visit();
      const account = hospitals[0]?.address;
      await visit.open("card", `account=${account}`);
      await figure(visit.page, "claimed").waitFor();
      const [claimed, claimable] = [await amountOf(visit.page, "claimed"), await amountOf(visit.page, "claimable")];
      await visit.open("card/history", `account=${account}`);
      await visit.page.locator("[data-line=entitlement]").first().waitFor();
      const sums = async (kind: string): Promise<bigint> => {
        const values = await visit.page.locator(`.card-history [data-line="${kind}"] data`).evaluateAll((items) => items.map((item) => item.getAttribute("value") ?? "0"));
        return values.reduce((total, value) => total + BigInt(value), 0n);
      };
      assert.equal(await sums("entitlement"), claimed + claimable);
      assert.equal((await sums("received")) + (await sums("passed-on")), claimed);
      const [download] = await Promise.all([visit.page.waitForEvent("download"), visit.page.getByRole("button", { name: "Everything as CSV" }).click()]);
      const rows = parseCsv((await readFile(await download.path(), "utf8")).replace(/^\u{feff}/u, ""));
      const [head, ...body] = rows;
      assert.equal(head?.[7], "quantity");
      assert.ok(body.length > 0 && body.every((row) => row.length === head?.length));
      assert.ok(body.every((row) => !Number.isNaN(Date.parse(row[0] ?? ""))));
      await visit.page.emulateMedia({ media: "print" });
      assert.equal(await visit.page.locator(".site-header").isVisible(), false);
      assert.equal(await visit.page.locator(".statement-sheet").isVisible(), true);
      await visit.close();
    });

    it("lets the key schedule another payee and drop it again, and says what declining means", async () => {
      const visit = await world.visit();
      await visit.open("card/payee", `account=${hospitals[0]?.address}`);
      await visit.page.getByText("Only the contributor's key can change the payee.").waitFor();
      const key = await visit.page.locator('[data-contributor="1"] .fact').nth(1).locator("code").getAttribute("title");
      const signer = Array.from({ length: 120 }, (_, i) => devAccount(i)).find(({ address }) => address === key);
      assert.ok(signer, "the contributor's key is one of the development accounts");
      await installWallet(visit.page, { account: signer, chains: [world.chain()] });
      await visit.page.reload();
      await connect(visit.page);
      await visit.page.getByText("Change the payee").click();
      await visit.page.getByText("That is who is paid now.").waitFor();
      await visit.page.getByLabel("nobody: decline payment").check();
      await visit.page.getByText(/^Declining means: /).waitFor();
      await visit.page.getByRole("button", { name: "Schedule the change" }).click();
      await visit.page.getByText("A change waits").waitFor();
      await visit.page.getByRole("button", { name: "Drop the change" }).click();
      await visit.page.getByText("A change waits").waitFor({ state: "detached" });
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("can be cited: BibTeX, CSL-JSON and text carry the record's hash", async () => {
      const visit = await world.visit();
      await visit.open("card/record", `account=${hospitals[1]?.address}`);
      await visit.page.locator("[data-colophon]").first().waitFor();
      const hash = (await visit.page.locator(".colophon-end code").nth(1).getAttribute("title")) ?? "";
      assert.match(hash, /^0x[0-9a-f]{64}$/);
      for (const name of ["Plain text", "BibTeX", "CSL-JSON"]) {
        await visit.page.locator("summary").getByText(name, { exact: true }).click();
        assert.ok((await visit.page.getByLabel(name, { exact: true }).inputValue()).includes(hash), name);
      }
      JSON.parse(await visit.page.getByLabel("CSL-JSON", { exact: true }).inputValue());
      await visit.close();
    });

    it("survives another chain, a refusal, a reload while it waits, and a wallet that sends it again for more", async () => {
      const visit = await world.visit();
      const payee = await unpaid(visit);
      const other = defineChain({ ...world.chain(), id: 4242, name: "other" });
      const wallet = await installWallet(visit.page, { account: payee, chains: [other, world.chain()] });
      await visit.open("card");
      await connect(visit.page);
      await visit.page.getByRole("button", { name: `Switch wallet to chain ${world.chain().id}` }).first().click();
      await visit.page.getByText(/^Simulated: it will succeed/).first().waitFor();
      const claim = visit.page.getByRole("button", { name: /^Claim [\d,.]+ SHU$/ });
      wallet.next("reject");
      await claim.click();
      await visit.page.locator('[data-transaction="failed"]').getByText("You declined.").first().waitFor();

      const [claimable, before] = [await amountOf(visit.page, "claimable"), await balanceOf(payee.address)];
      const mining = createTestClient({ mode: "hardhat", chain: world.chain(), transport: http() });
      await mining.setAutomine(false);
      await mining.setIntervalMining({ interval: 0 });
      try {
        await claim.click();
        const pending = visit.page.locator('[data-transaction="pending"]');
        await pending.waitFor();
        await visit.page.reload();
        await pending.waitFor();
        const first = (await pending.locator("code").first().getAttribute("title")) as Hex;
        // The page has to see the first one before it can know the second for the same.
        await visit.page.waitForTimeout(3000);
        const { to, input, nonce, gas, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = await world.client().getTransaction({ hash: first });
        const again = createWalletClient({ account: payee, chain: world.chain(), transport: http() });
        const second = await again.sendTransaction({ to, data: input, nonce, gas, maxFeePerGas: maxFeePerGas * 3n, maxPriorityFeePerGas: maxPriorityFeePerGas * 3n + 1n });
        assert.notEqual(second, first);
        await mining.mine({ blocks: 1 });
        const done = visit.page.locator('[data-transaction="done"]');
        await done.waitFor();
        assert.equal(await done.locator("code").first().getAttribute("title"), second);
      } finally {
        // As the local chain is set up.
        await mining.setAutomine(true);
        await mining.setIntervalMining({ interval: 1 });
      }
      await visit.page.getByText("Everything earned so far has been claimed.").waitFor();
      assert.equal(await balanceOf(payee.address), before + claimable);
      assert.equal(wallet.calls.filter((method) => method === "eth_sendTransaction").length, 1);
      await visit.close();
    });

    it("says so when the chain is away, and offers nothing", async () => {
      const visit = await world.visit();
      await visit.page.route(`${new URL(world.deployment().rpcUrl).origin}/**`, (route) => route.abort());
      await visit.open("card", `account=${hospitals[0]?.address}`);
      await visit.page.getByText("Not reachable").waitFor();
      assert.equal(await visit.page.locator("[data-figure] data").count(), 0);
      assert.equal(await visit.page.getByRole("button", { name: /^Claim / }).count(), 0);
      await visit.close();
    });

    it("is accessible in every part, wide and narrow, light and dark", async () => {
      for (const [width, colorScheme] of [[1280, "light"], [360, "dark"]] as const) {
        const visit = await world.visit({ viewport: { width, height: 800 }, colorScheme });
        for (const part of ["", "/receipts", "/history", "/payee", "/record"]) {
          await visit.open(`card${part}`, `account=${hospitals[0]?.address}`);
          await visit.page.locator(".account, [data-stamp], table.ledger, [data-contributor], [data-colophon]").first().waitFor();
          await visit.page.waitForTimeout(600);
          await assertAccessible(visit.page);
          assert.equal(await visit.page.evaluate("document.documentElement.scrollWidth"), width, part);
        }
        await visit.close();
      }
    });
  });
}
