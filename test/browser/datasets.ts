// Datasets in a real browser: read, registered, held, withdrawn, and cards that mean harm.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address } from "viem";
import { contributorsAbi, datasetsAbi } from "../../protocol/abi/index.ts";
import { artefactDigest } from "../../protocol/unixfs/encode.ts";
import { installWallet } from "../e2e/wallet.ts";
import { assertAccessible } from "./axe.ts";
import { connect } from "./connect.ts";
import { devAccount } from "./world.ts";
import type { Visit, World } from "./world.ts";

/** Officers of the simulated hospitals are accounts 30 to 39. */
const officer = devAccount(30);

/** Cards that were proposed here and never published are asked for in vain, on every page that names datasets. */
const unexpected = ({ complaints }: Visit): readonly string[] => complaints.filter((complaint) => !complaint.includes("status of 404"));

/** Run last: what is withdrawn here stays withdrawn, and what is registered has no published card. */
export function describeDatasets(world: World): void {
  describe("datasets", () => {
    const read = () => ({ address: world.deployment().contracts.datasets, abi: datasetsAbi }) as const;
    const count = (): Promise<number> => world.client().readContract({ ...read(), functionName: "datasetCount" });
    const statusOf = async (dataset: number): Promise<number> => (await world.client().readContract({ ...read(), functionName: "datasetOf", args: [dataset] })).status;

    /** The organisation of a hospital's officer. */
    async function organisationOf(account: Address): Promise<number> {
      const contract = { address: world.deployment().contracts.contributors, abi: contributorsAbi } as const;
      const organisations = await world.client().readContract({ ...contract, functionName: "organisationCount" });
      for (let organisation = 1; organisation <= organisations; organisation++) {
        if (await world.client().readContract({ ...contract, functionName: "isOfficer", args: [organisation, account] })) return organisation;
      }
      return assert.fail("no organisation has this officer");
    }

    async function visitAs(index: number, room: string): Promise<Visit> {
      const visit = await world.visit();
      await installWallet(visit.page, { account: devAccount(index), chains: [world.chain()] });
      await visit.open(room);
      await connect(visit.page);
      return visit;
    }

    it("lists every dataset that the chain has, finds by words, and filters", async () => {
      const visit = await world.visit();
      await visit.open("datasets");
      await visit.page.locator("[data-dataset]").first().waitFor();
      assert.equal(await visit.page.locator("[data-dataset]").count(), await count());
      await visit.page.getByLabel("Search").fill("no such words at all");
      await visit.page.getByText("No dataset answers this search.").waitFor();
      await visit.page.getByLabel("Search").fill("");
      await visit.page.getByLabel("Show", { exact: true }).selectOption("withdrawn");
      assert.match(visit.page.url(), /state=withdrawn/);
      await assertAccessible(visit.page);
      assert.deepEqual(unexpected(visit), []);
      await visit.close();
    });

    it("shows a checked card, calls public data exempt, and names the rounds that used it", async () => {
      const visit = await world.visit();
      await visit.open("datasets/2");
      await visit.page.getByText("Checked here: the file hashes to what the chain names.").waitFor();
      assert.match(await visit.page.locator('[data-figure="privacy"]').innerText(), /Exempt/);
      await visit.page.locator(".use-list a").first().waitFor();
      await assertAccessible(visit.page);
      assert.deepEqual(unexpected(visit), []);
      await visit.close();
    });

    it("registers a dataset: the terms on chain are those of the form, and so is the card's hash", async () => {
      const before = await count();
      const visit = await visitAs(30, "datasets/register");
      const { page } = visit;
      await page.getByLabel("Title", { exact: true }).fill("A new table");
      await page.getByLabel("Description (Markdown)").fill("*Checked* by [the board](https://board.example/7).");
      await page.getByLabel("Number of records").fill("120");
      await page.getByLabel("Licence", { exact: true }).fill("CC0-1.0");
      await page.getByLabel("Legal basis", { exact: true }).fill("consent");
      await page.getByLabel("Ethics approval", { exact: true }).fill("Board 7/2026");
      await page.getByLabel("Ethics approval valid until").fill("2040-01-01");
      await page.getByLabel("Privacy budget, nano-ρ (zCDP)").fill("500000000");
      await page.getByText("How it will be shown").click();
      await page.getByText("(board.example)").waitFor();
      await assertAccessible(page);
      await page.getByRole("button", { name: "Propose the dataset" }).click();
      await page.locator('[data-transaction="done"]').getByText("The dataset is proposed.").first().waitFor();
      assert.equal(await count(), before + 1);
      const terms = await world.client().readContract({ ...read(), functionName: "termsOf", args: [before + 1] });
      assert.deepEqual(
        [terms.records, terms.licence, terms.legalBasis, terms.ethicsApproval, terms.ethicsExpiry, terms.privacyCap, terms.exempt],
        [120, "CC0-1.0", "consent", "Board 7/2026", BigInt(Date.parse("2040-01-01T00:00:00Z") / 1000), 500_000_000, false],
      );
      assert.deepEqual(unexpected(visit), []);
      await visit.close();
    });

    it("shows what is left of a privacy budget as the chain counts it, and as ε", async () => {
      const visit = await world.visit();
      await visit.open(`datasets/${await count()}`);
      const figure = visit.page.locator('[data-figure="privacy"]');
      await figure.getByText("500,000,000 nano-ρ left").waitFor();
      // ρ = 0.5: 0.5 + 2·√(0.5·ln 10⁶) = 5.76
      assert.match(await figure.innerText(), /ε ≤ 5\.8 at δ = 10⁻⁶/);
      await visit.close();
    });

    it("attack: a hostile card runs nothing, loads nothing, and turns no text around", async () => {
      const hostile = {
        format: "chongwen-dataset-card",
        version: 1,
        title: "invoice\u202Efdp.exe <img src=x onerror=alert(1)>",
        description: "<script>globalThis.hacked = 1</script>\n\ntext ![p](https://tracker.invalid/p.gif) <img src=x onerror=globalThis.hacked=1> [go](javascript:globalThis.hacked=1) [out](https://elsewhere.invalid/x)",
        nested: JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`) as unknown,
      };
      const bytes = new TextEncoder().encode(JSON.stringify(hostile));
      const card = artefactDigest(new Map([["content", bytes]]));
      const id = await count();
      const organisation = await organisationOf(officer.address);
      const visit = await visitAs(30, "datasets/register");
      const { page } = visit;
      await page.route(`**/artefacts/${card}/content`, (route) => route.fulfill({ body: Buffer.from(bytes), contentType: "application/octet-stream" }));
      await page.setInputFiles('input[type="file"]', { name: "card.json", mimeType: "application/json", buffer: Buffer.from(bytes) });
      await page.getByLabel("Custodian").selectOption(String(organisation));
      for (const [label, value] of [["Number of records", "1"], ["Licence", "x"], ["Legal basis", "x"], ["Privacy budget, nano-ρ (zCDP)", "0"]] as const) await page.getByLabel(label, { exact: true }).fill(value);
      await page.getByLabel("Ethics approval", { exact: true }).fill("none");
      await page.getByLabel("Ethics approval valid until").fill("2040-01-01");
      await page.getByRole("button", { name: "Propose the dataset" }).click();
      await page.locator('[data-transaction="done"]').first().waitFor();
      const { card: onChain } = await world.client().readContract({ ...read(), functionName: "termsOf", args: [id + 1] });
      assert.equal(onChain, card);
      await visit.open(`datasets/${id + 1}`);
      await page.locator(".card-markdown").getByText("(elsewhere.invalid)").waitFor();
      assert.match(await page.locator(".data-card").innerText(), /invoice\[U\+202E\]fdp\.exe/);
      assert.equal(await page.locator(".data-card img, .data-card script, .data-card [onerror]").count(), 0);
      assert.deepEqual(await page.locator(".data-card a").evaluateAll((links) => links.map((link) => String(link.getAttribute("href")))), ["https://elsewhere.invalid/x"]);
      assert.equal(await page.evaluate("globalThis.hacked"), undefined);
      assert.deepEqual([...visit.hosts].filter((host) => host.endsWith(".invalid")), []);
      assert.deepEqual(unexpected(visit), []);
      await visit.close();
    });

    it("does not show a card that is not the one on chain", async () => {
      const visit = await world.visit();
      await visit.page.route("**/artefacts/*/content", (route) => route.fulfill({ body: '{"format":"chongwen-dataset-card","version":1,"title":"forged"}', contentType: "application/octet-stream" }));
      await visit.open("datasets/3");
      await visit.page.getByText("Not shown: the server gave another file than the one that the chain names.").waitFor();
      assert.equal(await visit.page.getByText("forged").count(), 0);
      await visit.close();
    });

    it("lets the council hold a version once, and lift the hold", async () => {
      const visit = await visitAs(5, "datasets/4");
      await visit.page.getByRole("button", { name: "Hold this version" }).click();
      await visit.page.getByText("The ethics council stopped this version.").waitFor();
      const { heldUntil } = await world.client().readContract({ ...read(), functionName: "datasetOf", args: [4] });
      assert.ok(heldUntil > 0);
      await visit.page.getByRole("button", { name: "Lift the hold" }).click();
      await visit.page.getByText("This version was held before and cannot be held again.").waitFor();
      assert.deepEqual(unexpected(visit), []);
      await visit.close();
    });

    it("withdraws consent in two steps, and leaves a tombstone on the models that used it", async () => {
      const visit = await visitAs(30, "datasets/1");
      const { page } = visit;
      await page.getByRole("button", { name: "Withdraw consent …" }).click();
      const dialog = page.getByRole("dialog");
      const button = dialog.getByRole("button", { name: "Withdraw consent for ever" });
      assert.equal(await button.isDisabled(), true);
      await assertAccessible(page);
      await dialog.getByLabel(/To confirm/).fill("7");
      assert.equal(await button.isDisabled(), true);
      await dialog.getByLabel(/To confirm/).fill("1");
      await button.click();
      await page.locator('.dataset[data-status="retired"]').waitFor();
      assert.equal(await statusOf(1), 4);
      await page.keyboard.press("Escape");
      await page.locator(".use-list .tombstone").first().waitFor();
      await visit.open("rounds/1.2");
      await page.locator('[data-tombstone="1"]').waitFor();
      await visit.open("rounds/1.2/model");
      await page.locator('[data-tombstone="1"]').waitFor();
      assert.deepEqual(unexpected(visit), []);
      await visit.close();
    });
  });
}
