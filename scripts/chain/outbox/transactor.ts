import { setTimeout as sleep } from "node:timers/promises";
import { encodeFunctionData, keccak256, type Abi, type Account, type PublicClient, type TransactionReceipt } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import { transactionFailed, describeRevert, withMargin, type Call, type Transactor } from "../transactor.ts";
import type { Inclusion } from "./attempt.ts";
import type { Outbox } from "./outbox.ts";

export interface DurableTransactorParameters {
  readonly client: PublicClient;
  /** One for each account that sends. */
  readonly outboxes: readonly Outbox[];
  /** Stops waiting. What was sent stays in the outbox, and is followed after the next start. */
  readonly stop: AbortSignal;
  /** Milliseconds between two looks. */
  readonly pause?: number;
}

/**
 * A transactor that survives its process. One call at a time an account: what an earlier process sent is waited for before anything is tried out, so that a call
 * is judged by what has really happened, and one that already had its effect is refused by the contract in the trial.
 */
export function createDurableTransactor({ client, outboxes, stop, pause = 200 }: DurableTransactorParameters): Transactor {
  const used = new Map<string, number[]>();
  const queues = new Map<string, Promise<unknown>>();

  async function waitFor(outbox: Outbox, over: () => boolean): Promise<void> {
    while (!over()) {
      if (stop.aborted) throw stopped();
      await outbox.tend();
      if (!over()) await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  async function take(outbox: Outbox, account: Account, { kind, address, abi, functionName, args }: Call<Abi, string>): Promise<TransactionReceipt> {
    const data = encodeFunctionData({ abi, functionName, args });
    const key = `${kind} ${keccak256(data).slice(0, 10)}`;
    for (;;) {
      await waitFor(outbox, () => outbox.waiting().length === 0);
      const call = { address, abi, functionName, args, account: account.address };
      await client.simulateContract(call);
      const gas = withMargin(await client.estimateContractGas(call));
      const nonce = await outbox.submit({ key, to: address, data, gas });
      await waitFor(outbox, () => outbox.outcomeOf(nonce) !== "waiting");
      const outcome = outbox.outcomeOf(nonce);
      // Somebody else used the key. What this call would do now, the trial says.
      if (typeof outcome === "string") continue;
      return receiptOf(kind, outcome);
    }
  }

  async function receiptOf(kind: string, { hash, succeeded }: Inclusion): Promise<TransactionReceipt> {
    const receipt = await client.getTransactionReceipt({ hash });
    if (!succeeded) throw transactionFailed(kind, `transaction ${hash} reverted`);
    used.set(kind, [...(used.get(kind) ?? []), Number(receipt.gasUsed)]);
    return receipt;
  }

  async function submit(account: Account, call: Call<Abi, string>): Promise<TransactionReceipt> {
    const outbox = outboxes.find(({ address }) => address === account.address);
    if (outbox === undefined) throw new Error(`There is no outbox for ${account.address}.`);
    try {
      return await take(outbox, account, call);
    } catch (error) {
      throw error instanceof ChongwenError ? error : transactionFailed(call.kind, describeRevert(error), error);
    }
  }

  return {
    send(account, call) {
      // The type parameters say which arguments fit; viem's own overloads cannot see through them.
      const next = (queues.get(account.address) ?? Promise.resolve()).then(() => submit(account, call as unknown as Call<Abi, string>));
      queues.set(account.address, next.catch(() => undefined));
      return next;
    },
    gas: () => Object.fromEntries([...used].map(([kind, costs]) => [kind, Math.round(costs.reduce((a, b) => a + b, 0) / costs.length)])),
  };
}

function stopped(): ChongwenError {
  return new ChongwenError({
    code: "outbox-stopped",
    message: "Stopped while a transaction waited for its block.",
    fix: "Start again: it is followed from where it is.",
    retryable: true,
  });
}
