// A real chain with the kernel, one organisation, and people who join with software authenticators.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createTestClient, encodeFunctionData, http, parseEther, parseGwei, publicActions, walletActions, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { hardhat } from "viem/chains";
import { contributionTokenAbi } from "../../../protocol/abi/index.ts";
import { acceptanceTypedData, batchDigest, decodeInvitation, invitationHash, type Call } from "../../../protocol/accounts/index.ts";
import { toWire } from "../../../protocol/annotation/index.ts";
import { createDomain } from "../../../protocol/index.ts";
import { deployKernel } from "../../../scripts/chain/deploy.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { startDevnet } from "../../../scripts/chain/devnet.ts";
import { connectKernel } from "../../../scripts/chain/kernel.ts";
import { readManifest } from "../../../scripts/chain/manifest.ts";
import type { Budget } from "../../../scripts/relay/budget.ts";
import { invite } from "../../../scripts/relay/invite.ts";
import { openRelayJournal } from "../../../scripts/relay/journal.ts";
import { createRelaySender } from "../../../scripts/relay/sender.ts";
import { createRelayApp } from "../../../scripts/relay/server.ts";
import { createAuthenticator, type Authenticator } from "../../support/authenticator.ts";
import { call, fakeClock, rulesAt, serveApp } from "../service/support.ts";

export const BUDGET: Budget = { perDay: parseEther("1"), perOrganisation: parseEther("1"), perAccount: parseEther("1"), gas: 1_000_000n, gasPrice: parseGwei("100") };

export async function openRelayWorld() {
  const devnet = await startDevnet(0);
  const manifest = await readManifest(path.resolve(import.meta.dirname, "../../../deploy/manifests/local.json"));
  const kernel = await connectKernel(await deployKernel(devnet.url, manifest));
  const chain = createTestClient({ mode: "hardhat", chain: hardhat, transport: http(devnet.url) }).extend(publicActions).extend(walletActions);
  const officers = [devAccount(30), devAccount(40)] as const;
  for (const [i, [a, b]] of [officers, [devAccount(31), devAccount(41)] as const].entries()) {
    const hash = await chain.writeContract({ address: kernel.contributors.address, abi: kernel.contributors.abi, functionName: "admitOrganisation", args: [devAccount(20 + i).address, a.address, b.address, 0], account: devAccount(0) });
    await chain.waitForTransactionReceipt({ hash });
  }
  const { token, passkeyAccounts } = kernel;
  const factory = createDomain(kernel.deployment.chainId, passkeyAccounts.address);

  /** A relay with its own key, journal and clock. `restart` is what a killed process leaves. */
  async function relay(changes: Partial<Budget> = {}, funds = parseEther("1"), perMinute = 100) {
    const dir = mkdtempSync(path.join(tmpdir(), "relay-"));
    const account = privateKeyToAccount(generatePrivateKey());
    await chain.setBalance({ address: account.address, value: funds });
    const clock = fakeClock();
    const warnings: string[] = [];
    const rules = rulesAt(clock, warnings);
    const budget = { ...BUDGET, ...changes };
    const open = async (client = kernel.client) => {
      const journal = openRelayJournal(path.join(dir, "relay.sqlite"));
      const sender = createRelaySender({ client, account, journal, budget, now: clock.now, warn: rules.warn });
      const server = await serveApp(createRelayApp({ kernel, journal, sender, budget, rules, perMinute }));
      return { journal, sender, server };
    };
    let running = await open();
    const stop = async () => {
      await running.server.close();
      running.journal.close();
    };
    return {
      account,
      clock,
      warnings,
      post: (body: unknown) => call(running.server.url, "/relay", { body: toWire(body) }),
      budget: async (of?: Hex) => {
        const { status, body } = await call(running.server.url, `/budget${of === undefined ? "" : `?account=${of}`}`);
        if (status !== 200) throw new Error(JSON.stringify(body) + warnings.join());
        return body as Budgets;
      },
      tend: () => running.sender.tend(),
      pending: () => running.journal.pending(),
      async restart(client = kernel.client) {
        await stop();
        running = await open(client);
      },
      async close() {
        await stop();
        rmSync(dir, { recursive: true });
      },
    };
  }

  async function invitation(organisation = 1) {
    const { link } = await invite(kernel, organisation === 1 ? officers[0] : devAccount(31), { organisation, role: "annotator", page: "http://localhost:8080/", days: 7 });
    return decodeInvitation(link.split("#/join/")[1] ?? "");
  }
  /** What a page posts to join. */
  async function joining(passkey: Authenticator, organisation = 1) {
    const { invitation: value, officer, officerSignature, linkKey } = await invitation(organisation);
    const typed = acceptanceTypedData(factory, { invitation: invitationHash(value), ...passkey.point });
    const acceptance = await privateKeyToAccount(linkKey).signTypedData(typed);
    return { kind: "create", invitation: value, officer, officerSignature, ...passkey.point, acceptance } as const;
  }
  /** Somebody who joined, without a relay. */
  async function member(organisation = 1) {
    const passkey = createAuthenticator();
    const { invitation: value, officer, officerSignature, qx, qy, acceptance } = await joining(passkey, organisation);
    const hash = await chain.writeContract({ address: passkeyAccounts.address, abi: passkeyAccounts.abi, functionName: "create", args: [value, officer, officerSignature, qx, qy, acceptance], account: devAccount(58) });
    await chain.waitForTransactionReceipt({ hash });
    return { passkey, account: await passkeyAccounts.read.accountOf([invitationHash(value)]) };
  }
  type Member = Awaited<ReturnType<typeof member>>;

  const delegate = (to: Hex): Call => ({ to: token.address, value: 0n, data: encodeFunctionData({ abi: contributionTokenAbi, functionName: "delegate", args: [to] }) });
  async function action({ passkey, account }: Member, calls: readonly Call[], nonce = 0n) {
    const { timestamp } = await chain.getBlock();
    const batch = { calls, nonce, deadline: timestamp + 3600n };
    return { kind: "execute", account, ...batch, signature: passkey.sign(batchDigest(createDomain(kernel.deployment.chainId, account), batch)) } as const;
  }

  return { kernel, chain, officers, relay, joining, member, delegate, action, rpcUrl: devnet.url, close: () => devnet.close() };
}

export interface Budgets {
  readonly balance: string;
  readonly day: { readonly budget: string; readonly spent: string; readonly left: string };
  readonly organisation: { readonly spent: string; readonly left: string } | null;
  readonly account: { readonly spent: string; readonly left: string } | null;
}
