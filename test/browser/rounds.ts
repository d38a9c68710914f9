// Rounds and models in a real browser: the lineage, a round's facts, and a model that is tried.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeFunctionData } from "viem";
import { roundsAbi } from "../../protocol/abi/index.ts";
import { int16Of, int32Of } from "../../protocol/bytes.ts";
import type { Evaluation } from "../../protocol/evaluation/evaluation.ts";
import { predictAll } from "../../protocol/evaluation/head.ts";
import { installWallet } from "../e2e/wallet.ts";
import { assertAccessible } from "./axe.ts";
import { connect } from "./connect.ts";
import { devAccount } from "./world.ts";
import type { World } from "./world.ts";

export function describeRounds(world: World): void {
  describe("rounds and models", () => {
    const events = async (eventName: "RoundReported" | "RoundSealed") =>
      world.client().getContractEvents({ address: world.deployment().contracts.rounds, abi: roundsAbi, eventName, args: { federation: 1, round: 2 }, fromBlock: 0n, strict: true });
    const artefactOf = async (): Promise<string> => {
      const [reported] = await events("RoundReported");
      assert.ok(reported !== undefined && "report" in reported.args);
      return reported.args.report.artefact;
    };
    const file = async (path: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(new URL(`artefacts/${await artefactOf()}/${path}`, world.base()))).arrayBuffer());

    it("draws the lineage, walks it by keyboard, and says the same as a list", async () => {
      const visit = await world.visit();
      await visit.open("rounds");
      const nodes = visit.page.locator(".lineage svg a");
      await nodes.nth(2).waitFor();
      await nodes.nth(2).focus();
      assert.match((await nodes.nth(2).getAttribute("aria-label")) ?? "", /Round 2 Final, extends Round 1/);
      await visit.page.getByText("The same as a list").click();
      assert.equal(await visit.page.locator(".lineage li").count(), await nodes.count());
      await visit.page.locator(".chart .curve").waitFor();
      await assertAccessible(visit.page);
      await nodes.nth(2).focus();
      await visit.page.keyboard.press("Enter");
      await visit.page.getByRole("heading", { name: "Round 2", level: 1 }).waitFor();
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("shows the entries that the seal's calldata has, and where to verify", async () => {
      const [sealed] = await events("RoundSealed");
      assert.ok(sealed !== undefined);
      const { input } = await world.client().getTransaction({ hash: sealed.transactionHash });
      const { functionName, args } = decodeFunctionData({ abi: roundsAbi, data: input });
      assert.ok(functionName === "seal");
      const visit = await world.visit();
      await visit.open("rounds/1.2");
      await visit.page.locator("[data-seat]").first().waitFor();
      assert.equal(await visit.page.locator("[data-seat]").count(), (args[1].seats.length - 2) / 8);
      assert.equal(await visit.page.getByRole("link", { name: "Verify this round on the verify page" }).getAttribute("href"), "verify/#/round/2");
      await visit.page.getByText("npx chongwen audit --round 2").first().waitFor();
      const { gasUsed } = await world.client().getTransactionReceipt({ hash: sealed.transactionHash });
      await visit.page.locator(".gas").getByText(gasUsed.toLocaleString("en"), { exact: true }).waitFor();
      await assertAccessible(visit.page);
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("tries the model on a record of the holdout: the class that the protocol gives", async () => {
      const { evaluation } = JSON.parse(new TextDecoder().decode(await file("manifest.json"))) as { readonly evaluation: Evaluation };
      const predictions = predictAll(int32Of(await file("model.bin")), evaluation, int16Of(await file("holdout.bin")), evaluation.records);
      const visit = await world.visit();
      await visit.open("rounds/1.2/model");
      await visit.page.getByText("Research use only").waitFor();
      await visit.page.getByLabel("A record of the open holdout").check();
      for (const record of [0, 17, evaluation.records - 1]) {
        await visit.page.getByLabel("Record", { exact: true }).fill(String(record));
        await visit.page.getByRole("button", { name: "Compute" }).click();
        await visit.page.locator(`.outcome[data-class="${predictions[record]}"]`).waitFor();
      }
      await visit.page.getByText("This is not medical advice.").first().waitFor();
      await assertAccessible(visit.page);
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("sends nothing of the input anywhere", async () => {
      const visit = await world.visit();
      await visit.open("rounds/1.2/model");
      const age = visit.page.locator(".feature-form label").filter({ hasText: /^age/ }).locator("input");
      await age.fill("41");
      const sent: string[] = [];
      visit.page.on("request", (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname} ${request.postData() ?? ""}`));
      await visit.page.getByRole("button", { name: "Compute" }).click();
      await visit.page.locator(".outcome").waitFor();
      const asked = sent.filter((line) => !/model\.bin|"method":"eth_|\/feedback\//.test(line) && !line.startsWith("GET /assets/"));
      assert.deepEqual(asked, []);
      await visit.close();
    });

    it("does not compute with a model that is not the ledger's", async () => {
      const visit = await world.visit();
      await visit.page.route("**/artefacts/*/model.bin", (route) => route.fulfill({ body: Buffer.alloc(840), contentType: "application/octet-stream" }));
      await visit.open("rounds/1.2/model");
      await visit.page.getByRole("button", { name: "Fetch and check the model" }).click();
      await visit.page.getByText("Not offered: the file has another root than the ledger names.").waitFor();
      assert.equal(await visit.page.getByRole("button", { name: "Save model.bin" }).count(), 0);
      await visit.close();
    });

    it("takes feedback and checks its receipt", async () => {
      const visit = await world.visit();
      await installWallet(visit.page, { account: devAccount(8), chains: [world.chain()] });
      await visit.open("rounds/1.2/model");
      await connect(visit.page);
      await visit.page.getByRole("button", { name: "Compute" }).click();
      await visit.page.getByLabel("Unsure").check();
      await visit.page.getByRole("button", { name: "Sign and send" }).click();
      await visit.page.locator('[data-feedback="done"]').getByText("Received and receipted.").waitFor();
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });
  });
}
