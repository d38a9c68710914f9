// The verify page, served and as one file on a disk.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { verificationSchema } from "../../protocol/audit/report.ts";
import { writeFacts, type LedgerFacts } from "../../protocol/ledger/facts.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { assertAccessible } from "./axe.ts";
import type { World } from "./world.ts";

const verdict = (page: Page) => page.locator("[data-verdict]");
const rung = (page: Page, name: string) => page.locator(`[data-rung="${name}"]`);
const stateOf = async (page: Page, name: string): Promise<string> => `${await rung(page, name).getAttribute("data-state")} ${await rung(page, name).getAttribute("data-reason")}`;

/** A chain that answers every question as the real one, but lies about who holds which key. */
async function startLiar(rpcUrl: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      void (async () => {
        const headers = { "content-type": "application/json", "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
        if (request.method === "OPTIONS") return response.writeHead(204, headers).end();
        const body = Buffer.concat(parts).toString();
        const calls = JSON.parse(body) as { id: number; method: string }[];
        const answers = (await (await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body })).json()) as { id: number; result?: unknown }[];
        const lied = answers.map((answer) => {
          const method = calls.find(({ id }) => id === answer.id)?.method;
          return method === "eth_call" && typeof answer.result === "string" && answer.result.length === 66 ? { ...answer, result: answer.result.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")) } : answer;
        });
        return response.writeHead(200, headers).end(JSON.stringify(lied));
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}/`, server };
}

export function describeVerify(world: World): void {
  describe("the verify page", () => {
    let dir: string;
    let facts: LedgerFacts;
    let offline: string;
    const at = (fragment: string): string => new URL(`verify/#/${fragment}`, world.base()).href;
    const open = async (fragment: string, options = {}) => {
      const visit = await world.visit(options);
      await visit.page.goto(at(fragment));
      return visit;
    };
    const allowed = (): Set<string> => new Set([world.base(), world.deployment().rpcUrl].map((url) => new URL(url).host));

    before(async () => {
      dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-verify-"));
      facts = await readFacts({ client: world.client(), deployment: world.deployment() }, 1);
      offline = path.join(dir, "chongwen-verify.html");
      await writeFile(offline, await (await fetch(new URL("chongwen-verify.html", world.base()))).text());
      await writeFile(path.join(dir, "ledger.json"), writeFacts(facts));
      for (const { round, report } of [{ round: 0, report: facts.genesis }, ...facts.rounds.slice(0, 2)]) await download(`bundle-${round}`, report!.artefact);
      const { holdout } = JSON.parse(await readFile(path.join(dir, "bundle-2", "metrics.json"), "utf8")) as { holdout: string };
      await mkdir(path.join(dir, "holdout"));
      await writeFile(path.join(dir, "holdout", "content"), Buffer.from(await (await fetch(new URL(`artefacts/${holdout}/content`, world.base()))).arrayBuffer()));
    });
    after(() => rm(dir, { recursive: true, force: true }));

    async function download(name: string, artefact: string): Promise<void> {
      const take = async (file: string): Promise<Buffer> => {
        const bytes = Buffer.from(await (await fetch(new URL(`artefacts/${artefact}/${file}`, world.base()))).arrayBuffer());
        await mkdir(path.dirname(path.join(dir, name, file)), { recursive: true });
        await writeFile(path.join(dir, name, file), bytes);
        return bytes;
      };
      const { files } = JSON.parse((await take("manifest.json")).toString()) as { files: { path: string }[] };
      for (const file of files) await take(file.path);
    }

    it("recomputes a round from a deep link, contacts nobody else, and never calls the page itself verified", async () => {
      const visit = await world.visit();
      await visit.page.goto(new URL("verify/round/2", world.base()).href);
      await verdict(visit.page).waitFor();
      assert.equal(await verdict(visit.page).getAttribute("data-verdict"), "verified");
      assert.equal(await stateOf(visit.page, "page"), "unchecked page-served");
      assert.equal(await stateOf(visit.page, "artefact"), "computed intact");
      assert.equal(await stateOf(visit.page, "meaning"), "computed recomputed");
      assert.match(await rung(visit.page, "record").innerText(), /not verified/);
      assert.deepEqual([...visit.hosts].filter((host) => !allowed().has(host)), []);
      const counted = await visit.page.locator("[data-host]").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-host")));
      assert.deepEqual(new Set(counted), allowed());
      assert.equal(await visit.page.locator("[data-figure=command]").innerText(), "npx chongwen audit --round 2");
      assert.deepEqual(visit.complaints, []);
      await visit.close();
    });

    it("is refused by the browser when it would ask a host that nobody named", async () => {
      const visit = await open("round/1");
      await verdict(visit.page).waitFor();
      const refused = await visit.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => String(error))");
      assert.match(String(refused), /Failed to fetch/);
      assert.ok(visit.complaints.some((complaint) => complaint.includes("Content Security Policy")), visit.complaints.join());
      await visit.close();
    });

    it("shows where a flipped bit is noticed, in any file, and is whole again after undo", async () => {
      const visit = await open("round/2");
      const { page } = visit;
      await verdict(page).waitFor();
      const files = await page.locator("#tamper ~ .row option").allInnerTexts();
      const artefact = facts.rounds[1]?.report?.artefact.slice(0, 10) ?? "";
      for (const wanted of ["updates/", "signatures.bin", "model.bin", "metrics.json", "weights.bin"]) {
        const option = files.findIndex((file) => file.startsWith(wanted) && file.includes(artefact));
        assert.ok(option >= 0, wanted);
        await page.locator("#tamper ~ .row select").selectOption(String(option));
        await page.locator("[data-action=flip]").click();
        await page.locator('[data-tampered="true"]').waitFor();
        assert.equal(await verdict(page).getAttribute("data-verdict"), "mismatch", wanted);
        assert.equal(await stateOf(page, "artefact"), "failed differs", wanted);
        assert.equal(await rung(page, "meaning").getAttribute("data-state"), "failed", wanted);
        assert.equal(await rung(page, "chain").getAttribute("data-state"), "agreed", wanted);
        await page.locator("[data-action=undo]").click();
        await page.locator('[data-verdict="verified"][data-tampered="false"]').waitFor();
      }
      await visit.close();
    });

    it("opens a seat's reward against the vault's root, and recomputes the settlement behind it", async () => {
      const last = facts.settlements.findLast(({ state }) => state === "Final");
      assert.ok(last !== undefined);
      const visit = await open("seat/0");
      await verdict(visit.page).waitFor();
      assert.equal(await verdict(visit.page).getAttribute("data-verdict"), "verified");
      assert.equal(await stateOf(visit.page, "meaning"), "proven reward-proven");
      assert.match(await visit.page.locator("[data-figure=earned]").innerText(), /^[\d.]+ SHU$/);
      await visit.close();
    });

    it("finds the round behind a hash, a content identifier and a transaction", async () => {
      const report = facts.rounds[0]?.report;
      const events = await world.client().getLogs({ address: world.deployment().contracts.rounds, fromBlock: 0n });
      const sealing = events.find(({ topics }) => topics.length >= 2 && BigInt(topics[2] ?? "0x0") === 1n && BigInt(topics[1] ?? "0x0") === 1n);
      for (const fragment of [`hash/${report?.modelRoot}`, `artefact/${report?.artefact}`, ...(sealing === undefined ? [] : [`tx/${sealing.transactionHash}`])]) {
        const visit = await open(fragment);
        await verdict(visit.page).waitFor();
        assert.match(await verdict(visit.page).innerText(), /Round 1\b/, fragment);
        await visit.close();
      }
    });

    it("hashes a file in the reader's browser and says where the ledger names it", async () => {
      const visit = await open("");
      await visit.page.locator("[data-choose=files]").setInputFiles(path.join(dir, "bundle-1", "model.bin"));
      await visit.page.locator("[data-hash=modelRoot]").waitFor();
      assert.equal(await visit.page.locator("[data-hash=modelRoot]").innerText(), facts.rounds[0]?.report?.modelRoot);
      await visit.page.locator('[data-open="round/1"]').first().click();
      await verdict(visit.page).getByText("Round 1").waitFor();
      assert.equal(await verdict(visit.page).getAttribute("data-verdict"), "verified");
      await visit.close();
    });

    it("works from a disk with the network off: a recorded ledger, a bundle and its parent's", async () => {
      const visit = await world.visit({ offline: true });
      await visit.page.goto(`file://${offline}`);
      await visit.page.locator("[data-choose=folder]").waitFor({ state: "attached" });
      await visit.page.locator("[data-choose=files]").setInputFiles(path.join(dir, "ledger.json"));
      await verdict(visit.page).waitFor();
      await visit.page.locator("[data-choose=folder]").setInputFiles(path.join(dir, "bundle-1"));
      await visit.page.locator("[data-choose=folder]").setInputFiles(path.join(dir, "bundle-2"));
      // The holdout that the metrics name: without it the round stays unverified.
      await visit.page.locator("[data-choose=files]").setInputFiles(path.join(dir, "holdout", "content"));
      await visit.page.locator("[data-hash=artefact]").waitFor();
      await visit.page.locator("#subject").fill("round 2");
      await visit.page.getByRole("button", { name: "Verify", exact: true }).click();
      await verdict(visit.page).getByText("Round 2").waitFor();
      assert.equal(await stateOf(visit.page, "page"), "unchecked page-file");
      assert.equal(await stateOf(visit.page, "chain"), "unchecked recorded");
      assert.equal(await stateOf(visit.page, "artefact"), "computed intact");
      assert.equal(await stateOf(visit.page, "meaning"), "computed recomputed");
      assert.equal(await visit.page.locator("[data-figure=nobody]").count(), 1);
      assert.equal(await visit.page.locator("[data-figure=allowed]").innerText(), "nobody");
      await visit.page.locator("[data-action=flip]").click();
      await visit.page.locator('[data-verdict="mismatch"]').waitFor();
      assert.deepEqual([...visit.hosts].filter((host) => host !== ""), []);
      await visit.close();
    });

    it("without any ledger says of a bundle only that it agrees with itself", async () => {
      const visit = await world.visit({ offline: true });
      await visit.page.goto(`file://${offline}`);
      await visit.page.locator("[data-choose=folder]").setInputFiles(path.join(dir, "bundle-2"));
      await verdict(visit.page).waitFor();
      assert.equal(await verdict(visit.page).getAttribute("data-verdict"), "unverified");
      assert.equal(await stateOf(visit.page, "meaning"), "computed alone");
      assert.equal(await stateOf(visit.page, "record"), "unchecked ledger-not-recorded");
      await visit.close();
    });

    it("believes no endpoint that is contradicted: a liar beside an honest one fails at the chain, against two honest ones it is named", async () => {
      const { url, server } = await startLiar(world.deployment().rpcUrl);
      const honest = new URL(world.deployment().rpcUrl);
      const again = new URL(honest);
      again.searchParams.set("twin", "1");
      try {
        const two = await open(`round/1?rpc=${encodeURIComponent(honest.href)}&rpc=${encodeURIComponent(url)}`);
        await verdict(two.page).waitFor();
        assert.equal(await stateOf(two.page, "chain"), "failed disagree");
        assert.equal(await verdict(two.page).getAttribute("data-verdict"), "unverified");
        await two.close();
        const three = await open(`round/1?rpc=${encodeURIComponent(honest.href)}&rpc=${encodeURIComponent(again.href)}&rpc=${encodeURIComponent(url)}`);
        await verdict(three.page).waitFor();
        assert.equal(await stateOf(three.page, "chain"), "agreed k-of-n-but");
        assert.ok((await rung(three.page, "chain").innerText()).includes(url));
        assert.equal(await stateOf(three.page, "meaning"), "computed recomputed");
        await three.close();
        const alone = await open(`round/1?rpc=${encodeURIComponent(url)}`);
        await verdict(alone.page).waitFor();
        assert.notEqual(await verdict(alone.page).getAttribute("data-verdict"), "verified");
        await alone.close();
      } finally {
        server.close();
      }
    });

    it("gives a report of the documented form, whose verdict is the command line's", async () => {
      const visit = await open("round/2");
      await verdict(visit.page).waitFor();
      const [download] = await Promise.all([visit.page.waitForEvent("download"), visit.page.locator("[data-action=report]").click()]);
      const report = verificationSchema.parse(JSON.parse(await readFile(await download.path(), "utf8")));
      assert.deepEqual([report.verdict, report.exitCode, report.subject, report.tampered], ["verified", 0, "round/2", null]);
      assert.ok(report.comparisons.length > 50 && report.comparisons.every(({ ok }) => ok));
      await visit.close();
    });

    for (const { name, width, colorScheme, locale, sum } of [
      { name: "English, wide and light", width: 1280, colorScheme: "light", locale: "en-GB", sum: "Everything that can be recomputed here is equal." },
      { name: "Chinese, as narrow as a phone and dark", width: 360, colorScheme: "dark", locale: "zh-CN", sum: "此处能重算的，全部一致。" },
    ] as const) {
      it(`is accessible and never wider than the window: ${name}`, async () => {
        const visit = await open("round/1", { viewport: { width, height: 800 }, colorScheme, locale });
        const { page } = visit;
        await verdict(page).waitFor();
        assert.ok((await verdict(page).innerText()).includes(sum));
        await assertAccessible(page);
        for (const summary of await page.locator("summary").all()) await summary.click();
        await page.locator("[data-action=flip]").click();
        await page.locator('[data-tampered="true"]').waitFor();
        await assertAccessible(page);
        assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width);
        await visit.close();
      });
    }

    it("is used with the keyboard alone", async () => {
      const visit = await open("");
      const { page } = visit;
      await page.locator("#subject").focus();
      await page.keyboard.type("round 1");
      await page.keyboard.press("Enter");
      await verdict(page).waitFor();
      await page.locator("[data-action=flip]").focus();
      await page.keyboard.press("Enter");
      await page.locator('[data-verdict="mismatch"]').waitFor();
      await visit.close();
    });
  });
}
