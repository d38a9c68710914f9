import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CDPSession, Page } from "playwright-core";
import { createWalletClient, http } from "viem";
import type { Address } from "viem";
import { contributionTokenAbi, contributorsAbi, passkeyAccountAbi, passkeyAccountsAbi } from "../../protocol/abi/index.ts";
import { connectKernel } from "../../scripts/chain/kernel.ts";
import { invite } from "../../scripts/relay/invite.ts";
import { installWallet } from "../e2e/wallet.ts";
import { assertAccessible } from "./axe.ts";
import { connect } from "./connect.ts";
import { devAccount } from "./world.ts";
import type { Visit, World } from "./world.ts";

/** Officers of the first simulated hospital. */
const [OFFICER_A, OFFICER_B] = [devAccount(30), devAccount(40)];

/** A point of P-256 that is nobody's. */
const GENERATOR = ["0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", "0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"] as const;

/** Chromium advises to offer RSA too, which the accounts do not read. */
const unexpected = (complaint: string): boolean => !complaint.includes("pubKeyCredParams");

/** A phone of software: Chromium's own virtual authenticator, whose owner is always recognised. */
interface Phone {
  readonly cdp: CDPSession;
  readonly id: string;
}

async function givePhone(page: Page): Promise<Phone> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return { cdp, id: authenticatorId };
}

/** Passkeys belong to names: the same page, by the name of this machine. */
const byName = (world: World): string => {
  const url = new URL(world.base());
  url.hostname = "localhost";
  return url.href;
};

/** An invited doctor: joins without coins, acts through the relay, loses the phone, comes back through the officers. */
export function describeJoin(world: World): void {
  describe("joining with a passkey", { concurrency: false }, () => {
    const kernelOf = () => connectKernel(world.deployment());
    const organisation = async (): Promise<number> => {
      const kernel = await kernelOf();
      const count = await kernel.contributors.read.organisationCount();
      for (let i = 1; i <= count; i++) if (await kernel.contributors.read.isOfficer([i, OFFICER_A.address])) return i;
      throw new Error("The simulated hospital has no organisation.");
    };
    const invitation = async (): Promise<string> => {
      const { link } = await invite(await kernelOf(), OFFICER_A, { organisation: await organisation(), role: "contributor", page: byName(world), days: 7 });
      return link;
    };
    const go = async (visit: Visit, room: string): Promise<void> => void (await visit.page.goto(new URL(`#/${room}`, byName(world)).href));

    async function join(visit: Visit): Promise<Address> {
      await visit.page.goto(await invitation());
      await visit.page.getByRole("button", { name: "Create my passkey and join" }).click();
      await visit.page.getByText("You have joined. The ledger has your account.").waitFor();
      const title = await visit.page.locator(".join-facts code").first().getAttribute("title");
      return (title ?? "0x") as Address;
    }

    it("takes a link, a fingerprint and no coins, and the account is there after a reload", async () => {
      const visit = await world.visit();
      await givePhone(visit.page);
      const account = await join(visit);
      const client = world.client();
      assert.equal(await client.getBalance({ address: account }), 0n);
      assert.equal(await client.readContract({ address: world.deployment().contracts.passkeyAccounts, abi: passkeyAccountsAbi, functionName: "membershipOf", args: [account] }).then((membership) => membership.organisation), await organisation());
      await assertAccessible(visit.page);
      // What the relay spent is on the page.
      await visit.page.locator(".relay-budget").getByText("for you", { exact: true }).waitFor();
      await visit.page.reload();
      await visit.page.getByRole("link", { name: "Passkey" }).waitFor();
      assert.deepEqual(visit.complaints.filter(unexpected), []);
      await visit.close();
    });

    it("refuses an invitation that was used, and one for another site", async () => {
      const visit = await world.visit();
      await givePhone(visit.page);
      const link = await invitation();
      await visit.page.goto(link);
      await visit.page.getByRole("button", { name: "Create my passkey and join" }).click();
      await visit.page.getByText("You have joined.").first().waitFor();
      const other = await world.visit();
      await other.page.goto(link);
      await other.page.getByText("This invitation was used.").waitFor();
      await other.page.goto(link.replace("localhost", "127.0.0.1"));
      await other.page.getByText("This invitation is for the same page under another name.").waitFor();
      await other.page.goto(link.slice(0, -40));
      await other.page.reload();
      await other.page.getByRole("alert").first().waitFor();
      await visit.close();
      await other.close();
    });

    it("finds the account again by the passkey alone", async () => {
      const visit = await world.visit();
      await givePhone(visit.page);
      const account = await join(visit);
      await visit.page.getByRole("button", { name: "Put it down on this device" }).click();
      await go(visit, "join");
      await visit.page.getByRole("button", { name: "Use my passkey" }).click();
      await visit.page.getByText("You have joined on this device.").waitFor();
      assert.equal(await visit.page.locator(".join-facts code").first().getAttribute("title"), account);
      await visit.close();
    });

    it("gives a lost account to a new passkey through two officers, after the delay; rewards stay, the old passkey is refused", async () => {
      const doctor = await world.visit();
      await givePhone(doctor.page);
      const account = await join(doctor);
      // What was earned: some SHU, which stay where they are.
      const { token, contributors } = world.deployment().contracts;
      const client = world.client();
      const member = createWalletClient({ account: devAccount(6), chain: world.chain(), transport: http() });
      const paid = await member.writeContract({ address: token, abi: contributionTokenAbi, functionName: "transfer", args: [account, 5n] });
      await client.waitForTransactionReceipt({ hash: paid });

      const phone = await world.visit();
      await givePhone(phone.page);
      await go(phone, "join/lost");
      await phone.page.getByLabel("Your account's address").fill(account);
      await phone.page.getByRole("button", { name: "Make a new passkey" }).click();
      await phone.page.getByText("No officer has proposed it yet.").waitFor();
      const number = await phone.page.locator(".check-number").textContent();
      const request = await phone.page.locator(".join-link code").getAttribute("title");
      await assertAccessible(phone.page);

      await officer(OFFICER_A, async (page) => {
        await page.goto(request ?? "");
        await connect(page);
        await page.locator(".join-facts .check-number").getByText(number ?? "").waitFor();
        await page.getByRole("button", { name: "Propose this passkey" }).click();
        await page.getByText("This passkey is proposed already").waitFor();
        await assertAccessible(page);
      });
      await phone.page.getByText("One officer has proposed it. The other has to confirm.").waitFor();
      await officer(OFFICER_B, async (page) => {
        await page.goto(new URL("#/join/officers", byName(world)).href);
        await connect(page);
        const pending = page.getByRole("article", { name: account });
        await pending.getByText(number ?? "").waitFor();
        await pending.getByRole("button", { name: "Confirm" }).click();
        await pending.getByText("can be completed in").waitFor();
      });
      await phone.page.getByText("Both officers have agreed.").waitFor();
      await world.wait(Number(await client.readContract({ address: contributors, abi: contributorsAbi, functionName: "rotationDelay" })) + 1);
      await phone.page.getByRole("button", { name: "Take the account over" }).click();
      await phone.page.getByRole("button", { name: "Go on with this account" }).click();
      await phone.page.getByText("You have joined on this device.").waitFor();
      assert.equal(await phone.page.locator(".join-facts code").first().getAttribute("title"), account);
      assert.equal(await client.readContract({ address: token, abi: contributionTokenAbi, functionName: "balanceOf", args: [account] }), 5n);

      await go(doctor, "join");
      await doctor.page.getByText("was replaced through its officers").waitFor();
      await doctor.close();
      await phone.close();
    });

    it("lets the doctor cancel a recovery that nobody asked for: the passkey signs, the relay pays", async () => {
      const doctor = await world.visit();
      await givePhone(doctor.page);
      const account = await join(doctor);
      const client = world.client();
      const { passkeyAccounts } = world.deployment().contracts;
      const factory = { address: passkeyAccounts, abi: passkeyAccountsAbi } as const;
      const { qx, qy, site } = { qx: GENERATOR[0], qy: GENERATOR[1], site: `0x${"11".repeat(32)}` as const };
      const wallet = createWalletClient({ account: OFFICER_A, chain: world.chain(), transport: http() });
      await client.waitForTransactionReceipt({ hash: await wallet.writeContract({ ...factory, functionName: "proposeRecovery", args: [account, qx, qy, site] }) });
      await doctor.page.getByRole("button", { name: "That was not me: cancel it" }).click();
      await doctor.page.getByText("are giving this account to another passkey").waitFor({ state: "detached" });
      const { proposedBy } = await client.readContract({ ...factory, functionName: "recoveryOf", args: [account] });
      assert.equal(BigInt(proposedBy), 0n);
      assert.equal(await client.readContract({ address: account, abi: passkeyAccountAbi, functionName: "nonce" }), 1n);
      assert.equal(await client.getBalance({ address: account }), 0n);
      assert.deepEqual(doctor.complaints.filter(unexpected), []);
      await doctor.close();
    });

    it("says in plain words that the relay's budget is used up", async () => {
      const visit = await world.visit();
      await givePhone(visit.page);
      const relay = world.deployment().services?.relay ?? "";
      await visit.page.route(new URL("budget", relay).href, async (route) => {
        const response = await route.fetch();
        const budget = (await response.json()) as { day: object };
        await route.fulfill({ response, json: { ...budget, day: { ...budget.day, left: "0" } } });
      });
      await visit.page.goto(await invitation());
      await visit.page.getByRole("button", { name: "Create my passkey and join" }).click();
      await visit.page.getByText("The relay has used what it pays for in a day. Nothing was sent and nothing is lost").waitFor();
      await visit.page.getByText("Today's budget is used up.").waitFor();
      await visit.close();
    });

    it("says it when the person declines, or the device verifies nobody", async () => {
      const visit = await world.visit();
      const { cdp, id } = await givePhone(visit.page);
      await cdp.send("WebAuthn.setUserVerified", { authenticatorId: id, isUserVerified: false });
      await visit.page.goto(await invitation());
      await visit.page.getByRole("button", { name: "Create my passkey and join" }).click();
      await visit.page.getByText("You declined, or your device did not recognise you. Nothing was sent.").waitFor();
      await visit.close();
    });

    async function officer(account: ReturnType<typeof devAccount>, work: (page: Page) => Promise<void>): Promise<void> {
      const visit = await world.visit();
      await installWallet(visit.page, { account, chains: [world.chain()] });
      await work(visit.page);
      await visit.close();
    }
  });
}
