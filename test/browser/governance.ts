import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Locator, Page } from "playwright-core";
import { createWalletClient, http, keccak256, zeroAddress } from "viem";
import type { HDAccount } from "viem/accounts";
import { chongwenGovernorAbi, contributionTokenAbi, datasetsAbi, freezesAbi, roundsAbi } from "../../protocol/abi/index.ts";
import { installWallet } from "../e2e/wallet.ts";
import type { TestWallet } from "../e2e/wallet.ts";
import { assertAccessible } from "./axe.ts";
import { connect } from "./connect.ts";
import { devAccount } from "./world.ts";
import type { Visit, World } from "./world.ts";

const [council, member, other] = [devAccount(5), devAccount(6), devAccount(7)];
const hospitals = [20, 21, 22, 23].map(devAccount);
/** Any account with coins for a fee. */
const postman = devAccount(40);

/** What members do: read, delegate, draft, vote, sign, queue, carry out. */
export function describeGovernance(world: World): void {
  describe("governance", () => {
    const governor = () => ({ address: world.deployment().contracts.governor, abi: chongwenGovernorAbi }) as const;
    const token = () => ({ address: world.deployment().contracts.token, abi: contributionTokenAbi }) as const;

    const enter = async (room: string, account?: HDAccount): Promise<Visit & { readonly wallet: TestWallet | undefined }> => {
      const visit = await world.visit();
      const wallet = account === undefined ? undefined : await installWallet(visit.page, { account, chains: [world.chain()] });
      await visit.open(`governance${room}`);
      await visit.page.locator("main h1").waitFor();
      if (account !== undefined) await connect(visit.page);
      return { ...visit, wallet };
    };
    /** Presses a button once its call was tried out. Where it goes away with what it changed, the change is what to wait for. */
    const press = async (page: Page, name: string, within: Page | Locator = page): Promise<void> => {
      const transaction = within.locator(".transaction").filter({ has: page.getByRole("button", { name, exact: true }) });
      await transaction.getByText(/^Simulated: it will succeed/).waitFor();
      await transaction.getByRole("button", { name, exact: true }).click();
    };
    const done = (page: Page): Promise<void> => page.locator('[data-transaction="done"]').first().waitFor();
    /** A hospital whose SHU nobody delegated yet. */
    const sleeper = async (): Promise<HDAccount> => {
      for (const account of hospitals) {
        const [balance, delegate] = await Promise.all([
          world.client().readContract({ ...token(), functionName: "balanceOf", args: [account.address] }),
          world.client().readContract({ ...token(), functionName: "delegates", args: [account.address] }),
        ]);
        if (balance > 0n && delegate === zeroAddress) return account;
      }
      return assert.fail("Every hospital has delegated: start the product anew.");
    };
    const section = (page: Page, name: string): Locator => page.locator("section").filter({ has: page.getByRole("heading", { name, exact: true }) });

    it("reads a proposal as sentences, with what it changed and for whom", async () => {
      const { page, complaints, close } = await enter("/proposal/1");
      await page.locator('[data-change="status"]').waitFor();
      assert.match(await page.locator(".act-sentence").first().innerText(), /^Approve dataset \d+ on the terms that its custodian proposed\.$/);
      const status = page.locator('[data-change="status"]');
      assert.equal(await status.locator("[data-before]").innerText(), "proposed");
      assert.equal(await status.locator("[data-after]").innerText(), "approved");
      assert.match(await page.locator("[data-affected]").innerText(), /Institution no\. \d+.*\nFederation no\. 1\nDataset no\. \d+.*\n1 seat/);
      assert.equal(await page.locator("[data-unsaid], [data-undone]").count(), 0, "the description matches");
      assert.ok((await page.locator("[data-vote]").count()) >= 3);
      assert.equal(await page.locator('[data-proposal-state="Executed"]').count(), 1);
      assert.deepEqual(complaints, []);
      await close();
    });

    it("warns of an unknown call, of a text that says something else, and runs nothing that a stranger wrote", async () => {
      const wallet = createWalletClient({ account: member, chain: world.chain(), transport: http() });
      const description = `Give every patient a present.\n\n<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> [link](javascript:alert(1)) \u202Egnihtemos ${Date.now()}`;
      await wallet.writeContract({ ...governor(), functionName: "propose", args: [[postman.address], [0n], ["0x12345678"], description] });
      const number = (await world.client().getContractEvents({ ...governor(), eventName: "ProposalCreated", fromBlock: 0n })).length;
      const { page, complaints, hosts, close } = await enter(`/proposal/${number}`);
      await page.getByText("The description does not match what happens.").waitFor();
      await page.locator('[data-act="unknown-contract"]').getByText("This page does not know what this call does.").waitFor();
      await page.getByText("0x12345678", { exact: true }).waitFor();
      assert.match(await page.locator("[data-undone]").innerText(), /Give every patient a present\./);
      assert.doesNotMatch(await page.title(), /owned/);
      assert.equal(await page.locator("article img, article script").count(), 0);
      assert.equal((await page.locator(".why").innerText()).includes("\u202E"), false);
      assert.equal([...hosts].length, new Set([new URL(world.base()).host, new URL(world.deployment().rpcUrl).host]).size);
      await assertAccessible(page);
      assert.deepEqual(complaints, []);
      await close();
    });

    it("lets somebody delegate to itself, lend its votes and see the sum, which the chain confirms", async () => {
      const hospital = await sleeper();
      const { page, complaints, close } = await enter("/members", hospital);
      await page.locator('[data-delegate="none"]').getByText(/count for nothing yet/).waitFor();
      await press(page, "Vote yourself");
      const power = page.locator(".own-voice .power");
      await power.waitFor();
      const balance = await world.client().readContract({ ...token(), functionName: "balanceOf", args: [hospital.address] });
      assert.equal(await power.getAttribute("data-votes"), balance.toString());
      assert.equal(await power.getAttribute("data-checked"), "true");
      await page.getByLabel("Lend your votes to").fill(member.address);
      await press(page, "Lend votes");
      await page.locator(`[data-delegate="${member.address}"]`).waitFor();

      await page.goto(new URL(`#/governance/members/${member.address}`, world.base()).href);
      const lent = page.locator(".power");
      await lent.getByText("lent by").waitFor();
      const votes = await world.client().readContract({ ...token(), functionName: "getVotes", args: [member.address] });
      assert.equal(await lent.getAttribute("data-votes"), votes.toString());
      assert.equal(await lent.getAttribute("data-checked"), "true");
      assert.deepEqual(complaints, []);
      await close();
    });

    it("drafts by form, survives a refusal, is voted on directly and by a signed ballot, waits, and takes hold on the chain", async () => {
      const before = await world.client().readContract({ ...governor(), functionName: "quorumNumerator" });
      const after = before + 1n;
      const drafting = await enter("/draft", member);
      const { page } = drafting;
      await page.getByLabel("A setting of governance").check();
      await page.getByLabel("Setting", { exact: true }).selectOption("quorum");
      await page.getByLabel("New value").fill("500");
      await page.getByRole("button", { name: "Add this act" }).click();
      await page.getByText("A whole number from 1 to 100 is needed.").waitFor();
      await page.getByLabel("New value").fill(String(after));
      await page.getByRole("button", { name: "Add this act" }).click();
      await page.getByText(`Set the quorum to ${after} % of all SHU.`).first().waitFor();
      const change = page.locator('[data-change="quorum"]');
      await change.waitFor();
      assert.equal(await change.locator("[data-before]").innerText(), `${before} %`);
      assert.equal(await change.locator("[data-after]").innerText(), `${after} %`);
      await page.locator('[data-forecast="pass"]').waitFor();
      await page.getByRole("textbox", { name: "Why" }).fill(`More voices, said at ${Date.now()}.`);
      await assertAccessible(page);

      drafting.wallet?.next("reject");
      await page.getByText(/^Simulated: it will succeed/).waitFor();
      await page.getByRole("button", { name: "Propose", exact: true }).click();
      await page.locator('[data-transaction="failed"]').getByText("You declined.").first().waitFor();
      await page.getByRole("button", { name: "Propose", exact: true }).click();
      await page.locator('[data-transaction="done"]').waitFor();
      await page.getByRole("link", { name: "See the proposal" }).click();

      await world.wait(2);
      await page.locator('[data-proposal-state="Active"]').waitFor();
      const form = page.locator(".vote-form");
      await form.getByLabel("For", { exact: true }).check();
      await form.getByLabel("Reason (optional)").fill("Because <b>more</b> should decide.");
      await press(page, "Vote", form);
      await page.locator('[data-voted="for"]').waitFor();
      await page.getByText("Because <b>more</b> should decide.").waitFor();
      const number = Number(await page.locator("article").getAttribute("data-proposal"));
      const created = await world.client().getContractEvents({ ...governor(), eventName: "ProposalCreated", fromBlock: 0n, strict: true });
      const id = created[number - 1]?.args.proposalId ?? 0n;

      const signing = await enter(`/proposal/${number}`, other);
      await signing.page.getByLabel("Against", { exact: true }).check();
      await signing.page.getByText("Vote by signature, without a fee").click();
      signing.wallet?.next("reject");
      await signing.page.getByRole("button", { name: "Sign the ballot" }).click();
      await signing.page.locator(".by-signature").getByText("You declined.").waitFor();
      await signing.page.getByRole("button", { name: "Sign the ballot" }).click();
      const ballot = await signing.page.locator("[data-ballot]").inputValue();
      assert.equal(await world.client().readContract({ ...governor(), functionName: "hasVoted", args: [id, other.address] }), false, "signing sends nothing");
      assert.equal(signing.wallet?.calls.includes("eth_sendTransaction"), false);
      await signing.close();

      const handing = await enter("/ballot", postman);
      await handing.page.getByLabel("The ballot").fill(ballot.replace('"support": 0', '"support": 1'));
      await handing.page.getByText("The signature is not the voter's, or is not over these words.").waitFor();
      await handing.page.getByLabel("The ballot").fill(ballot);
      await handing.page.getByText(`${other.address} votes “Against” on proposal ${number}.`).waitFor();
      await assertAccessible(handing.page);
      await press(handing.page, "Hand in the ballot");
      await done(handing.page);
      assert.equal(await world.client().readContract({ ...governor(), functionName: "hasVoted", args: [id, other.address] }), true);
      await handing.close();

      const [against, inFavour] = await world.client().readContract({ ...governor(), functionName: "proposalVotes", args: [id] });
      assert.ok(inFavour > against && against > 0n, "the member's own and lent votes outweigh");
      await page.locator('[data-tally="against"] data').and(page.locator(`[value="${against}"]`)).waitFor();
      await assertAccessible(page);

      await world.wait(Number(await world.client().readContract({ ...governor(), functionName: "votingPeriod" })) + 1);
      await press(page, "Queue it");
      await page.locator('[data-proposal-state="Queued"]').waitFor();
      await world.wait(5);
      await page.locator('[data-next="execute"]').waitFor();
      await press(page, "Carry it out");
      await page.locator('[data-proposal-state="Executed"]').waitFor();
      assert.equal(await world.client().readContract({ ...governor(), functionName: "quorumNumerator" }), after);
      assert.equal(await page.locator('[data-change="quorum"] [data-before]').innerText(), `${before} %`, "compared with the state before it was carried out");
      assert.deepEqual(drafting.complaints, []);
      await drafting.close();
    });

    it("says before signing that a draft would fail, and why", async () => {
      const { page, close } = await enter("/draft", member);
      await page.getByLabel("Dataset", { exact: true }).fill("1");
      await page.locator("#draft-act").selectOption("reinstate");
      await page.getByRole("button", { name: "Add this act" }).click();
      await page.locator('[data-forecast="fail"]').getByText("The dataset's present status does not allow it.").waitFor();
      await close();
    });

    it("says that somebody with too few votes cannot propose", async () => {
      const { page, close } = await enter("/draft", council);
      await page.getByLabel("Dataset", { exact: true }).fill("1");
      await page.getByRole("button", { name: "Add this act" }).click();
      await page.getByText("That is too few.").waitFor();
      assert.equal(await page.getByRole("button", { name: "Propose", exact: true }).count(), 0);
      await close();
    });

    it("lets the council hold a dataset and lift the hold, and nobody else", async () => {
      const stranger = await enter("/council", member);
      await stranger.page.getByRole("heading", { name: "What it can never do" }).waitFor();
      assert.equal(await stranger.page.getByRole("heading", { name: "Place a hold" }).count(), 0);
      await stranger.close();
      const datasets = { address: world.deployment().contracts.datasets, abi: datasetsAbi } as const;
      let free = await world.client().readContract({ ...datasets, functionName: "datasetCount" });
      for (; free > 0; free--) {
        const { version, heldVersion } = await world.client().readContract({ ...datasets, functionName: "datasetOf", args: [free] });
        if (version !== heldVersion) break;
      }
      const { page, close } = await enter("/council", council);
      await page.getByRole("heading", { name: "Place a hold" }).waitFor();
      await page.locator("#hold-dataset").selectOption(String(free));
      await press(page, "Place the hold", section(page, "Place a hold"));
      await page.locator(`[data-held="${free}"]`).waitFor();
      assert.equal(await world.client().readContract({ ...datasets, functionName: "isUsable", args: [free] }), false);
      await press(page, "Lift the hold", page.locator(`[data-held="${free}"]`));
      await page.getByText("No dataset is held.").waitFor();
      await close();
    });

    it("lets the council freeze a federation, says so wherever the federation is shown, and lets the council end it", async () => {
      const { freezes, rounds } = world.deployment().contracts;
      const until = (): Promise<number> => world.client().readContract({ address: rounds, abi: roundsAbi, functionName: "frozenUntil", args: [1] });
      if ((await until()) !== 0) assert.fail("The federation was frozen before, and rests: start the product anew.");
      const { page, close } = await enter("/council", council);
      const reason = Buffer.from("A patient can be recognised.\n");
      await page.getByLabel("The reason, as a text file").setInputFiles({ name: "reason.txt", mimeType: "text/plain", buffer: Buffer.from(" \n") });
      assert.equal(await page.getByRole("button", { name: "Freeze the federation" }).isDisabled(), true, "an empty reason is none");
      await page.getByLabel("The reason, as a text file").setInputFiles({ name: "reason.txt", mimeType: "text/plain", buffer: reason });
      await press(page, "Freeze the federation");
      await page.locator('[data-frozen="1"]').waitFor();
      const [decided] = await world.client().getContractEvents({ address: freezes, abi: freezesAbi, eventName: "FreezeDecided", fromBlock: 0n, strict: true });
      assert.equal(decided?.args.reasonHash, keccak256(reason));

      for (const [width, colorScheme] of [[1280, "light"], [360, "dark"]] as const) {
        const visit = await world.visit({ viewport: { width, height: 800 }, colorScheme });
        for (const room of ["", "rounds", "rounds/1.2", "governance/council"]) {
          await visit.open(room);
          const banner = visit.page.locator('[data-frozen="1"]');
          await banner.locator(`code[title="${keccak256(reason)}"]`).waitFor();
          assert.equal(await banner.locator("time").getAttribute("datetime"), new Date(1000 * (await until())).toISOString());
          assert.equal(await visit.page.evaluate("document.documentElement.scrollWidth"), width, room);
          await assertAccessible(visit.page);
        }
        assert.deepEqual(visit.complaints, []);
        await visit.close();
      }

      await press(page, "Lift the freeze");
      await page.locator('[data-frozen="1"]').waitFor({ state: "detached" });
      await close();
    });

    it("serves a feed and a calendar of what is decided", async () => {
      const xml = await (await fetch(new URL("feeds/governance.xml", world.base()))).text();
      assert.match(xml, /<rss[\s\S]*Approve dataset \d+ on the terms/);
      const ics = await (await fetch(new URL("feeds/governance.ics?lang=zh", world.base()))).text();
      assert.match(ics, /^BEGIN:VCALENDAR[\s\S]*SUMMARY:表决/);
    });

    for (const { width, colorScheme } of [{ width: 1280, colorScheme: "light" }, { width: 360, colorScheme: "dark" }] as const) {
      it(`is accessible in every room and never wider than the window: ${width} px, ${colorScheme}`, async () => {
        const visit = await world.visit({ viewport: { width, height: 800 }, colorScheme, locale: width === 360 ? "zh-CN" : "en-GB" });
        for (const room of ["", "/proposal/1", "/proposal/2", "/draft", "/members", `/members/${member.address}`, "/council", "/ballot"]) {
          await visit.open(`governance${room}`);
          await visit.page.locator("main h1").waitFor();
          await visit.page.waitForTimeout(1500);
          await assertAccessible(visit.page);
          assert.equal(await visit.page.evaluate("document.documentElement.scrollWidth"), width, room);
        }
        assert.deepEqual(visit.complaints, []);
        await visit.close();
      });
    }
  });
}
