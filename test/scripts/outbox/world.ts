// A real chain behind an endpoint that can misbehave, and a contract that counts how often it was called.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createPublicClient, createTestClient, http, parseEther, parseGwei, publicActions, walletActions, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { hardhat } from "viem/chains";
import { openOutboxJournal } from "../../../scripts/chain/outbox/journal.ts";
import { createOutbox, type OutboxParameters } from "../../../scripts/chain/outbox/outbox.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { startDevnet } from "../../../scripts/chain/devnet.ts";
import { startRpcProxy } from "../../support/rpc-proxy.ts";

/** `slot 0 += 1` on every call. */
const COUNTER: Hex = "0x6960005460010160005500600052600a6016f3";

export const DEPTH = 40;

export async function openOutboxWorld() {
  const devnet = await startDevnet(0);
  const proxy = await startRpcProxy(devnet.url);
  const chain = createTestClient({ mode: "hardhat", chain: hardhat, transport: http(devnet.url), pollingInterval: 20, cacheTime: 0 }).extend(publicActions).extend(walletActions);
  const deployed = await chain.waitForTransactionReceipt({ hash: await chain.deployContract({ abi: [], bytecode: COUNTER, account: devAccount(0) }) });
  const counter = deployed.contractAddress;
  if (!counter) throw new Error("The counter was not deployed.");
  // Blocks come only when a test mines them: that chain makes one a second by itself, too.
  await chain.setAutomine(false);
  await chain.setIntervalMining({ interval: 0 });

  /** A key with its own journal. `restart` is what a killed process leaves. */
  async function sender(changes: Partial<OutboxParameters> = {}) {
    const dir = mkdtempSync(path.join(tmpdir(), "outbox-"));
    const key = generatePrivateKey();
    const account = privateKeyToAccount(key);
    await chain.setBalance({ address: account.address, value: parseEther("1") });
    const file = path.join(dir, "outbox.sqlite");
    const clock = { at: 1_000_000 };
    const warnings: string[] = [];
    const client = createPublicClient({ transport: http(proxy.url, { retryCount: 0, timeout: 2000 }), cacheTime: 0 });
    const open = () => {
      const journal = openOutboxJournal(file, { chainId: hardhat.id, account: account.address });
      const outbox = createOutbox({ client, account, journal, chainId: hardhat.id, priceCap: parseGwei("100"), now: () => clock.at, warn: (message) => warnings.push(message), patience: 45, depth: DEPTH, ...changes });
      return { journal, outbox };
    };
    let running = open();
    return {
      key,
      file,
      account,
      client,
      clock,
      warnings,
      outbox: () => running.outbox,
      journal: () => running.journal,
      count: (name = "count") => running.outbox.submit({ key: name, to: counter as Hex, data: "0x", gas: 100_000n }),
      /** Another process takes over the file. */
      restart() {
        running.journal.close();
        running = open();
      },
      stop: () => running.journal.close(),
      start: () => void (running = open()),
      close() {
        running.journal.close();
        rmSync(dir, { recursive: true });
      },
    };
  }

  return {
    chain,
    /** One by one: the chain's process ends when another request is answered while it mines several at a stroke. */
    async mine(blocks: number) {
      for (let i = 0; i < blocks; i++) await chain.mine({ blocks: 1 });
    },
    proxy,
    counter: counter as Hex,
    sender,
    counted: async () => BigInt((await chain.getStorageAt({ address: counter as Hex, slot: "0x0" })) ?? "0x0"),
    async close() {
      await proxy.close();
      await devnet.close();
    },
  };
}
