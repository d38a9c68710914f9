import {
  BaseError,
  ContractFunctionRevertedError,
  createWalletClient,
  http,
  type Abi,
  type Account,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type Hex,
  type PublicClient,
  type TransactionReceipt,
} from "viem";
import { ChongwenError } from "../../protocol/errors.ts";

/** One contract call. `kind` names it in gas statistics. */
export interface Call<abi extends Abi | readonly unknown[], name extends ContractFunctionName<abi, "nonpayable" | "payable">> {
  readonly kind: string;
  readonly address: Address;
  readonly abi: abi;
  readonly functionName: name;
  readonly args: ContractFunctionArgs<abi, "nonpayable" | "payable", name>;
}

/** Sends transactions, one at a time an account, and remembers what each kind cost. */
export interface Transactor {
  send<const abi extends Abi | readonly unknown[], name extends ContractFunctionName<abi, "nonpayable" | "payable">>(
    account: Account,
    call: Call<abi, name>,
  ): Promise<TransactionReceipt>;
  /** Mean gas of each kind, in the order of first use. */
  gas(): Record<string, number>;
}

export function createTransactor(client: PublicClient, rpcUrl: string): Transactor {
  const used = new Map<string, number[]>();
  const queues = new Map<Address, Promise<unknown>>();

  async function submit(account: Account, { kind, address, abi, functionName, args }: Call<Abi, string>): Promise<TransactionReceipt> {
    const call = { address, abi, functionName, args };
    try {
      // Simulated first: a call that would revert costs nothing and says why.
      const { request } = await client.simulateContract({ ...call, account });
      const gas = withMargin(await client.estimateContractGas({ ...call, account }));
      const wallet = createWalletClient({ account, transport: http(rpcUrl) });
      const hash: Hex = await wallet.writeContract({ ...request, account, gas, chain: null });
      const receipt = await client.waitForTransactionReceipt({ hash });
      if (receipt.status !== "success") throw transactionFailed(kind, `transaction ${hash} reverted`);
      used.set(kind, [...(used.get(kind) ?? []), Number(receipt.gasUsed)]);
      return receipt;
    } catch (error) {
      throw error instanceof ChongwenError ? error : transactionFailed(kind, describeRevert(error), error);
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

/** What a transaction costs depends on the moment: a seal also makes its parent final once that is due. What is not used is not paid. */
export function withMargin(estimate: bigint): bigint {
  return (estimate * 5n) / 4n + 50_000n;
}

/** The contract's own error with its arguments, or the first line of what the endpoint said. */
export function describeRevert(error: unknown): string {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.message : String(error);
  const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(revert instanceof ContractFunctionRevertedError) || revert.data === undefined) {
    const [details = ""] = error.details?.split("\n") ?? [];
    return details === "" || error.shortMessage.includes(details) ? error.shortMessage : `${error.shortMessage} (${details})`;
  }
  return `${revert.data.errorName}(${(revert.data.args ?? []).map(String).join(", ")})`;
}

export function transactionFailed(kind: string, why: string, cause?: unknown): ChongwenError {
  return new ChongwenError({
    code: "transaction-failed",
    message: `${kind}: ${why}.`,
    fix: "docs/errors.md explains each contract error and what to do about it.",
    docs: "docs/errors.md",
    cause,
  });
}
