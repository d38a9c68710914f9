// The page in a real browser, against the product that `product.test.ts` has started.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { createPublicClient, defineChain, http } from "viem";
import type { Address, Chain } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { contributionTokenAbi } from "../../protocol/abi/index.ts";
import { deploymentSchema } from "../../protocol/deployment.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { launchBrowser, missingBrowser } from "./browser.ts";
import { installWallet } from "./wallet.ts";

/** The public development mnemonic; on the local chain, accounts 20 to 29 are the simulated hospitals. */
const MNEMONIC = "test test test test test test test test test test test junk";
const hospitals = Array.from({ length: 10 }, (_, i) => mnemonicToAccount(MNEMONIC, { addressIndex: 20 + i }));
const stranger = mnemonicToAccount(MNEMONIC, { addressIndex: 63 });
const skip = missingBrowser() ?? false;
if (skip !== false) console.warn(`SKIPPED the page's browser tests: ${skip}.`);

/** @param base Where the product serves its page; known once it runs. */
export function describePage(base: () => string): void {
  describe("the page in a browser", { skip, timeout: 180_000 }, () => {
    let browser: Browser;
    let page: Page;
    let deployment: Deployment;
    let local: Chain;
    const complaints: string[] = [];
    const hosts = new Set<string>();

    before(async () => {
      deployment = deploymentSchema.parse(await (await fetch(new URL("deployment.json", base()))).json());
      local = defineChain({
        id: deployment.chainId,
        name: "local",
        nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
        rpcUrls: { default: { http: [deployment.rpcUrl] } },
      });
      browser = await launchBrowser();
    });
    after(() => browser?.close());

    beforeEach(async () => {
      complaints.length = 0;
      hosts.clear();
      const context = await browser.newContext({ locale: "en", reducedMotion: "reduce" });
      page = await context.newPage();
      page.setDefaultTimeout(30_000);
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (url.protocol !== "data:") hosts.add(url.host);
      });
    });
    afterEach(() => page.context().close());

    const open = (room: string, query = ""): Promise<unknown> => page.goto(new URL(`?${query}#/${room}`, base()).href);
    const figure = (name: string) => page.locator(`[data-figure="${name}"] data`);
    const amountOf = async (name: string): Promise<bigint> => BigInt((await figure(name).getAttribute("value")) ?? "-1");
    /** What the token itself says, past the page. */
    const shuOf = (account: Address): Promise<bigint> =>
      createPublicClient({ chain: local, transport: http() }).readContract({
        address: deployment.contracts.token,
        abi: contributionTokenAbi,
        functionName: "balanceOf",
        args: [account],
      });
    const connect = async (): Promise<void> => {
      await page.getByRole("banner").getByRole("button", { name: "Connect wallet", exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Test Wallet" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
    };

    it("shows final rounds, their accuracy checked against the chain, and contacts nobody else", async () => {
      await open("rounds");
      const final = page.locator('[data-state="final"]:not([data-round="0"])');
      await final.first().locator(".accuracy").waitFor();
      const older = page.getByRole("button", { name: "Show older rounds" });
      while ((await final.count()) < 3 && (await older.count()) > 0) {
        const shown = await page.locator("[data-round]").count();
        await older.click();
        await page.locator("[data-round]").nth(shown).waitFor();
      }
      assert.ok((await final.count()) >= 3, "at least three final rounds");
      for (const text of await final.locator(".badge").allTextContents()) assert.match(text, /Final · unchallenged/);
      assert.match(await final.first().locator(".accuracy").innerText(), /^\d+\.\d %$/);
      assert.deepEqual([...hosts].sort(), [...new Set([new URL(base()).host, new URL(deployment.rpcUrl).host])].sort());
      assert.deepEqual(complaints, []);
    });

    it("speaks both languages and remembers the choice", async () => {
      await open("rounds");
      await page.getByRole("button", { name: "中文" }).click();
      await page.getByRole("heading", { name: "轮次", exact: true }).waitFor();
      assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
      await page.reload();
      await page.getByRole("heading", { name: "轮次", exact: true }).waitFor();
      assert.deepEqual(complaints, []);
    });

    it("never offers a claim that would pay nothing", async () => {
      await installWallet(page, { account: stranger, chains: [local] });
      await open("card");
      await connect();
      await page.getByText("There is nothing to claim: no settlement pays this address.").waitFor();
      assert.equal(await page.getByRole("button", { name: /^Claim / }).count(), 0);
      assert.deepEqual(complaints, []);
    });

    /** A hospital that has not claimed everything yet, found as a reader would: by looking at each payee. */
    const unpaidHospital = async () => {
      await open("card");
      const payees = page.locator(".payees button");
      await payees.first().waitFor();
      for (const payee of await payees.all()) {
        await payee.click();
        await figure("claimable").waitFor();
        const address = await page.locator("[data-account]").getAttribute("data-account");
        const hospital = hospitals.find((account) => account.address === address);
        if (hospital !== undefined && (await amountOf("claimable")) > 0n) return hospital;
      }
      return assert.fail("Every hospital has claimed everything: start the product anew.");
    };

    it("survives a wallet on another chain and a refusal, then claims what the chain pays", async () => {
      const hospital = await unpaidHospital();
      const other = defineChain({ ...local, id: 4242, name: "other" });
      const wallet = await installWallet(page, { account: hospital, chains: [other, local] });
      await open("card");
      await connect();
      await figure("claimable").waitFor();
      const claimable = await amountOf("claimable");
      const claimed = await amountOf("claimed");
      const balance = await shuOf(hospital.address);

      await page.getByRole("button", { name: `Switch wallet to chain ${local.id}` }).click();
      const claim = page.getByRole("button", { name: /^Claim [\d,.]+ SHU$/ });
      await claim.waitFor();
      await page.getByText(/^Simulated: it will succeed/).waitFor();

      wallet.next("reject");
      await claim.click();
      await page.locator('[data-transaction="failed"]').getByText("You declined.").first().waitFor();

      await claim.click();
      await page.locator('[data-transaction="done"]').waitFor();
      await page.getByText("Everything earned so far has been claimed.").waitFor();
      assert.equal(await amountOf("claimed"), claimed + claimable);
      assert.equal(await amountOf("claimable"), 0n);
      assert.equal(await shuOf(hospital.address), balance + claimable);
      assert.equal(await page.getByRole("button", { name: /^Claim / }).count(), 0);
      assert.equal(wallet.calls.filter((method) => method === "eth_sendTransaction").length, 1);
      assert.deepEqual(complaints, []);
    });

    it("shows no amount when a published table was changed by one byte", async () => {
      await page.route("**/artefacts/*/members.bin", async (route) => {
        const response = await route.fetch();
        const body = await response.body();
        body.writeUInt8(body.readUInt8(35) ^ 1, 35);
        await route.fulfill({ response, body });
      });
      await open("card", `account=${hospitals[0]?.address}`);
      await page.getByText("Do not claim: the published table leads to another root than the vault holds.").waitFor();
      assert.equal(await page.locator("[data-figure] data").count(), 0);
      assert.equal(await page.getByRole("button", { name: /^Claim / }).count(), 0);
    });

    it("says so when the chain does not answer, and fits a phone", async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.route(`${new URL(deployment.rpcUrl).origin}/**`, (route) => route.abort());
      await open("");
      await page.getByText("Not reachable").waitFor();
      await page.getByRole("alert").getByText(deployment.rpcUrl).waitFor();
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360);
    });
  });
}
