import { BlockNotFoundError, keccak256, TransactionReceiptNotFoundError, type Address, type Hex, type LocalAccount, type PublicClient } from "viem";
import type { Attempt, Inclusion, Intent } from "./attempt.ts";
import { feesNow, outbid } from "./fees.ts";
import type { OpenAttempt, OutboxJournal } from "./journal.ts";

/**
 * Sends one key's transactions so that a crash, a lost answer, a full pool or a reorganisation neither loses nor doubles one.
 * The method of Chainlink's and Optimism's transaction managers: what is signed is on disk before it is broadcast.
 */
export interface Outbox {
  readonly address: Address;
  /** Signs, writes down, broadcasts. @returns Its nonce, before any block has it. */
  submit(intent: Intent): Promise<number>;
  /** Looks what became of everything that a reorganisation could still undo: sends again what was lost, outbids what is stuck, follows what moved. */
  tend(): Promise<void>;
  /** What no block has yet. */
  waiting(): readonly OpenAttempt[];
  /** The block that has it now; "forfeited" when the nonce went to a transaction that is not ours. */
  outcomeOf(nonce: number): Inclusion | "waiting" | "forfeited";
}

export interface OutboxParameters {
  readonly client: PublicClient;
  readonly account: LocalAccount;
  readonly journal: OutboxJournal;
  readonly chainId: number;
  /** Most wei for a unit of gas. */
  readonly priceCap: bigint;
  /** Seconds since 1970; only differences count. */
  readonly now: () => number;
  readonly warn: (message: string) => void;
  /** Seconds after which a transaction that no block takes bids more. */
  readonly patience?: number;
  /** Blocks behind the head that no reorganisation reaches. */
  readonly depth?: number;
  /** Told at each point at which a crash is different from one before. */
  readonly reached?: (point: "recorded" | "broadcast" | "included") => void;
  /** Told what becomes of transactions: for whoever counts. */
  readonly happened?: (what: "sent" | "replaced" | "resent" | "forfeited") => void;
}

export function createOutbox({ client, account, journal, chainId, priceCap, now, warn, patience = 45, depth = 64, reached = () => undefined, happened = () => undefined }: OutboxParameters): Outbox {
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  /** What the endpoint took from this process: what a killed one wrote down may have reached nobody. */
  const told = new Set<Hex>();
  /** What it refused as too cheap a replacement. */
  const outbidNow = new Set<Hex>();
  const forfeited = new Set<number>();
  /** The head of the chain on which everything that has a block was last found. */
  let seenOn: Hex | null = null;

  async function sign(attempt: Omit<Attempt, "hash" | "raw" | "sentAt">): Promise<Attempt> {
    const { nonce, to, data, gas, price, tip } = attempt;
    const raw = await account.signTransaction({ type: "eip1559", chainId, nonce, to, data, gas, maxFeePerGas: price, maxPriorityFeePerGas: tip });
    return { ...attempt, raw, hash: keccak256(raw), sentAt: now() };
  }

  async function broadcast({ raw, hash, key }: Attempt): Promise<void> {
    try {
      await client.sendRawTransaction({ serializedTransaction: raw });
      told.add(hash);
    } catch (error) {
      // An endpoint that has it already says so in many ways: only what becomes of the transaction counts.
      if (/already known|known transaction|nonce too low/i.test(String(error))) told.add(hash);
      else if (/underpriced/i.test(String(error))) outbidNow.add(hash);
      else warn(`${key}: ${hash} was not taken: ${firstLine(error)}`);
    }
    reached("broadcast");
  }

  async function submit(intent: Intent): Promise<number> {
    const { base, ...fees } = await feesNow(client, priceCap);
    if (base >= priceCap) warn(`${intent.key}: the chain asks ${base} wei for a unit of gas, the cap is ${priceCap}. It waits until the chain is cheaper.`);
    const mined = await client.getTransactionCount({ address: account.address, blockTag: "latest" });
    const attempt = await sign({ ...intent, ...fees, nonce: Math.max(mined, journal.nextNonce()) });
    journal.record(attempt);
    reached("recorded");
    happened("sent");
    await broadcast(attempt);
    return attempt.nonce;
  }

  async function bidMore(attempt: Attempt): Promise<void> {
    const fees = outbid(attempt, priceCap);
    if (fees === null) {
      warn(`${attempt.key}: ${attempt.hash} waits, and may not bid more than ${priceCap} wei.`);
      return broadcast(attempt);
    }
    const next = await sign({ ...attempt, ...fees });
    journal.record(next);
    reached("recorded");
    happened("replaced");
    return broadcast(next);
  }

  /** The block that has any of a nonce's attempts, if it is a block of the chain that the endpoint itself shows. */
  async function find(nonce: number): Promise<Inclusion | null> {
    for (const { hash } of journal.attemptsAt(nonce)) {
      const receipt = await client.getTransactionReceipt({ hash }).catch((error: unknown) => {
        if (error instanceof TransactionReceiptNotFoundError) return null;
        throw error;
      });
      if (receipt === null) continue;
      const block = await client.getBlock({ blockNumber: receipt.blockNumber });
      if (block.hash !== receipt.blockHash || !block.transactions.includes(hash)) continue;
      return { hash, blockNumber: receipt.blockNumber, blockHash: receipt.blockHash, succeeded: receipt.status === "success" };
    }
    return null;
  }

  /** A block that was seen to have a transaction has it as long as the chain has the block. */
  async function stands({ blockNumber, blockHash }: Inclusion): Promise<boolean> {
    try {
      return (await client.getBlock({ blockNumber })).hash === blockHash;
    } catch (error) {
      if (error instanceof BlockNotFoundError) return false;
      throw error;
    }
  }

  async function tend(): Promise<void> {
    const open = journal.open();
    if (open.length === 0) return;
    const head = await client.getBlock();
    // On the same head what has a block still has it.
    const due = head.hash === seenOn ? open.filter(({ inclusion }) => inclusion === null) : open;
    if (due.length === 0) return;
    const deep = head.number - BigInt(depth);
    const countAt = (at: { blockTag: "latest" } | { blockNumber: bigint }) => client.getTransactionCount({ address: account.address, ...at });
    const mined = await countAt({ blockTag: "latest" });
    const settled = deep < 0n ? 0 : await countAt({ blockNumber: deep });
    for (const attempt of due) await follow(attempt, { deep, mined, settled });
    seenOn = head.hash;
  }

  async function follow(attempt: OpenAttempt, { deep, mined, settled }: { readonly deep: bigint; readonly mined: number; readonly settled: number }): Promise<void> {
    const { nonce, key, hash, inclusion } = attempt;
    const found = inclusion !== null && (await stands(inclusion)) ? inclusion : await find(nonce);
    if (found !== null) {
      if (found.blockHash !== inclusion?.blockHash) journal.include(nonce, found);
      reached("included");
      if (found.blockNumber <= deep) journal.settle(nonce);
    } else if (inclusion !== null) {
      warn(`${key}: a reorganisation took block ${inclusion.blockNumber} with ${inclusion.hash} away; it is sent again.`);
      journal.release(nonce);
      told.delete(hash);
      happened("resent");
      await broadcast(attempt);
    } else if (nonce < settled) {
      warn(`${key}: another transaction took nonce ${nonce}; ${hash} can never be in a block.`);
      journal.forfeit(nonce);
      forfeited.add(nonce);
      happened("forfeited");
    } else if (nonce < mined) {
      // Its block is not known yet, or somebody else's transaction has the nonce: that is believed once nothing can undo it.
    } else if (outbidNow.delete(hash)) await bidMore(attempt);
    else if (!told.has(hash)) await broadcast(attempt);
    else if (now() - attempt.sentAt > patience) await bidMore(attempt);
  }

  return {
    address: account.address,
    submit: (intent) => inTurn(() => submit(intent)),
    tend: () => inTurn(tend),
    waiting: () => journal.open().filter(({ inclusion }) => inclusion === null),
    outcomeOf(nonce) {
      if (forfeited.has(nonce)) return "forfeited";
      return journal.inclusionAt(nonce) ?? "waiting";
    },
  };
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
