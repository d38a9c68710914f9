import { keccak256, TransactionReceiptNotFoundError, type Address, type Hex, type LocalAccount, type PublicClient } from "viem";
import { feesNow, outbid } from "../chain/outbox/fees.ts";
import { Refused } from "../service/refusal.ts";
import type { Budget } from "./budget.ts";
import type { Action, Attempt, RelayJournal } from "./journal.ts";

export interface Job extends Action {
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
  /** What has to hold in the moment in which it is paid for, given what it may cost. @throws Refused */
  readonly admit: (most: bigint) => void;
}

export interface RelaySender {
  readonly address: Address;
  /** Signs, writes it down, broadcasts. @returns Before its block. */
  send(job: Job): Promise<Hex>;
  /** An account's actions go one after the other. @throws turn-taken */
  requireTurn(payer: Address): Promise<void>;
  /** Looks what became of what is under way; sends again what was lost, at a higher price what is stuck. */
  tend(): Promise<void>;
}

export interface SenderParameters {
  readonly client: PublicClient;
  readonly account: LocalAccount;
  readonly journal: RelayJournal;
  readonly budget: Budget;
  /** Seconds. */
  readonly now: () => number;
  readonly warn: (message: string) => void;
  /** Seconds after which a transaction bids more. */
  readonly patience?: number;
}

/** One writer for one key: nonces are given out one after the other, and every transaction is on disk before anybody else sees it. */
export function createRelaySender({ client, account, journal, budget, now, warn, patience = 45 }: SenderParameters): RelaySender {
  let queue: Promise<unknown> = Promise.resolve();
  /** What this process has broadcast: what a killed one wrote down may have reached nobody. */
  const told = new Set<Hex>();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  async function sign(attempt: Omit<Attempt, "hash" | "raw">): Promise<Attempt> {
    const { nonce, to, data, gas, price, tip } = attempt;
    const raw = await account.signTransaction({ type: "eip1559", chainId: await client.getChainId(), nonce, to, data, gas, maxFeePerGas: price, maxPriorityFeePerGas: tip });
    return { ...attempt, raw, hash: keccak256(raw) };
  }

  /** A node that has it already says so in many ways: only what becomes of the transaction counts. */
  async function broadcast({ raw, hash }: Attempt): Promise<void> {
    told.add(hash);
    await client.sendRawTransaction({ serializedTransaction: raw }).catch((error: unknown) => {
      if (!/already known|known transaction|nonce too low/i.test(String(error))) warn(`relay: ${hash} was not taken: ${firstLine(error)}`);
    });
  }

  async function turnOf(payer: Address): Promise<void> {
    const waits = (): boolean => journal.pending().some((attempt) => attempt.account === payer);
    if (waits()) await tend();
    if (waits()) throw new Refused("turn-taken", "An earlier action of this account waits for its block.");
  }

  async function submit({ key, organisation, account: payer, to, data, gas, admit }: Job): Promise<Hex> {
    const before = journal.hashOf(key);
    if (before !== null) return before;
    await turnOf(payer);
    const pending = journal.pending();
    const { base, price, tip } = await feesNow(client, budget.gasPrice);
    if (base >= budget.gasPrice) throw new Refused("relay-too-dear", "The chain is dearer at the moment than this relay may pay.");
    admit(gas * price);
    const bound = pending.reduce((sum, attempt) => sum + attempt.gas * attempt.price, gas * price);
    if ((await client.getBalance({ address: account.address })) < bound) throw new Refused("relay-empty", "The relay has no coins left to pay with.");
    const mined = await client.getTransactionCount({ address: account.address });
    const nonce = Math.max(mined, ...pending.map((attempt) => attempt.nonce + 1));
    const attempt = await sign({ key, account: payer, nonce, to, data, gas, price, tip, sentAt: now() });
    journal.begin({ key, organisation, account: payer }, attempt);
    await broadcast(attempt);
    return attempt.hash;
  }

  async function outcomeOf({ key }: Attempt): Promise<{ hash: Hex; cost: bigint; succeeded: boolean } | null> {
    for (const hash of journal.hashesOf(key)) {
      const receipt = await client.getTransactionReceipt({ hash }).catch((error: unknown) => {
        if (error instanceof TransactionReceiptNotFoundError) return null;
        throw error;
      });
      if (receipt !== null) return { hash, cost: receipt.gasUsed * receipt.effectiveGasPrice, succeeded: receipt.status === "success" };
    }
    return null;
  }

  async function bidMore(attempt: Attempt): Promise<void> {
    const fees = outbid(attempt, budget.gasPrice);
    if (fees === null) {
      warn(`relay: ${attempt.hash} waits, and may not bid more than ${budget.gasPrice} wei.`);
      return broadcast(attempt);
    }
    const next = await sign({ ...attempt, ...fees, sentAt: now() });
    journal.replace(next);
    return broadcast(next);
  }

  async function tend(): Promise<void> {
    for (const attempt of journal.pending()) {
      const mined = await client.getTransactionCount({ address: account.address });
      const outcome = await outcomeOf(attempt);
      if (outcome !== null) journal.settle(attempt.key, outcome.hash, outcome.cost, outcome.succeeded);
      else if (attempt.nonce < mined) {
        warn(`relay: another transaction took nonce ${attempt.nonce}; ${attempt.hash} can never be in a block.`);
        journal.drop(attempt.key);
      } else if (!told.has(attempt.hash)) await broadcast(attempt);
      else if (now() - attempt.sentAt > patience) await bidMore(attempt);
    }
  }

  return { address: account.address, send: (job) => inTurn(() => submit(job)), requireTurn: (payer) => inTurn(() => turnOf(payer)), tend: () => inTurn(tend) };
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
