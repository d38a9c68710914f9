import {
  BaseError,
  ContractFunctionRevertedError,
  createWalletClient,
  encodeFunctionData,
  formatGwei,
  http,
  type Abi,
  type Address,
  type Hex,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
} from "viem";
import { describeRevert } from "../chain/transactor.ts";
import { ChongwenError } from "../../protocol/errors.ts";

/** No transaction may use more since the Osaka rules (EIP-7825). */
export const GAS_CAP = 2n ** 24n;

/** One call. @param deadline Chain time from which it is of no use. */
export interface WatchCall {
  readonly kind: string;
  readonly address: Address;
  readonly abi: Abi | readonly unknown[];
  readonly functionName: string;
  readonly args: readonly unknown[];
  readonly value?: bigint;
}

export interface Sent {
  readonly kind: string;
  readonly hash: Hex;
  readonly gas: bigint;
  readonly block: bigint;
  /** Wei paid for gas. */
  readonly cost: bigint;
  readonly receipt: TransactionReceipt;
}

/** Sends a watcher's transactions, one at a time, and nothing that would fail, cost more than allowed, or not fit a block. */
export interface Sender {
  readonly account: LocalAccount;
  send(call: WatchCall): Promise<Sent>;
  /** Gas and wei that a call would cost now. @throws call-refused, proof-too-large */
  quote(call: WatchCall): Promise<{ readonly gas: bigint; readonly cost: bigint }>;
}

/** @param maxGasPrice Wei a unit of gas, tip included; null = whatever it costs. @param patience How long to wait for a block, in milliseconds. */
export interface SenderOptions {
  readonly maxGasPrice?: bigint | null;
  readonly patience?: number;
}

interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export function createSender(client: PublicClient, rpcUrl: string, account: LocalAccount, { maxGasPrice = null, patience = 60_000 }: SenderOptions = {}): Sender {
  const wallet = createWalletClient({ account, transport: http(rpcUrl) });
  let queue: Promise<unknown> = Promise.resolve();
  /** The last transaction that was not seen in a block: its nonce is used again, at a higher price. */
  let stuck: (Fees & { readonly nonce: number }) | null = null;

  async function gasOf({ kind, address, abi, functionName, args, value = 0n }: WatchCall): Promise<bigint> {
    const call = { address, abi: abi as Abi, functionName, args, value };
    let gas: bigint;
    try {
      // Simulated first: a call that would revert costs nothing and says why. Without a gas price: what it may cost is asked below.
      await client.simulateContract({ ...call, account });
      gas = await client.estimateContractGas({ ...call, account });
    } catch (error) {
      throw refusal(kind, error);
    }
    if (gas > GAS_CAP) {
      throw new ChongwenError({
        code: "proof-too-large",
        message: `${kind} needs ${gas} gas; no transaction may use more than ${GAS_CAP}.`,
        fix: "Nobody can send this call: the federation has too many entries for it. Tell its operators and governance.",
      });
    }
    // What is not used is not paid.
    const margin = (gas * 5n) / 4n + 50_000n;
    return margin < GAS_CAP ? margin : GAS_CAP;
  }

  async function fees(kind: string): Promise<Fees> {
    const { baseFeePerGas } = await client.getBlock({ blockTag: "latest" });
    const base = baseFeePerGas ?? 0n;
    const tip = await client.estimateMaxPriorityFeePerGas().catch(() => 1_000_000_000n);
    const wanted = { maxFeePerGas: 2n * base + tip, maxPriorityFeePerGas: tip };
    if (maxGasPrice === null) return wanted;
    if (base > maxGasPrice) {
      throw new ChongwenError({
        code: "gas-too-dear",
        message: `${kind} waits: gas costs ${formatGwei(base)} gwei, and ${formatGwei(maxGasPrice)} is the most allowed.`,
        fix: "Wait, or allow more with --max-gas-price (gwei).",
        retryable: true,
      });
    }
    const most = (fee: bigint): bigint => (fee < maxGasPrice ? fee : maxGasPrice);
    return { maxFeePerGas: most(wanted.maxFeePerGas), maxPriorityFeePerGas: most(tip) };
  }

  async function requireBalance(kind: string, needed: bigint): Promise<void> {
    const balance = await client.getBalance({ address: account.address });
    if (balance >= needed) return;
    throw new ChongwenError({
      code: "balance-too-low",
      message: `${kind}: ${account.address} has ${balance} wei; up to ${needed} may be needed.`,
      fix: `Send the chain's currency to ${account.address}.`,
      retryable: true,
    });
  }

  async function nonceAndFees(kind: string): Promise<Fees & { nonce: number }> {
    const [wanted, nonce] = await Promise.all([fees(kind), client.getTransactionCount({ address: account.address })]);
    if (stuck === null || stuck.nonce !== nonce) return { ...wanted, nonce };
    const { maxFeePerGas, maxPriorityFeePerGas } = stuck;
    // Nodes take a replacement that pays an eighth more.
    const more = (old: bigint, now: bigint): bigint => ((old * 5n) / 4n + 1n > now ? (old * 5n) / 4n + 1n : now);
    const capped = (fee: bigint): bigint => (maxGasPrice !== null && fee > maxGasPrice ? maxGasPrice : fee);
    return { nonce, maxFeePerGas: capped(more(maxFeePerGas, wanted.maxFeePerGas)), maxPriorityFeePerGas: capped(more(maxPriorityFeePerGas, wanted.maxPriorityFeePerGas)) };
  }

  async function submit(call: WatchCall): Promise<Sent> {
    const { kind, address, abi, functionName, args, value = 0n } = call;
    const gas = await gasOf(call);
    const priced = await nonceAndFees(kind);
    await requireBalance(kind, gas * priced.maxFeePerGas + value);
    const data = encodeFunctionData({ abi: abi as Abi, functionName, args: [...args] });
    let hash: Hex;
    try {
      hash = await wallet.sendTransaction({ account, chain: null, to: address, data, value, gas, ...priced, type: "eip1559" });
    } catch (error) {
      throw refusal(kind, error);
    }
    stuck = priced;
    const receipt = await client.waitForTransactionReceipt({ hash, timeout: patience, retryCount: 20 }).catch((cause: unknown) => {
      throw new ChongwenError({
        code: "transaction-pending",
        message: `${kind}: transaction ${hash} is in no block after ${patience / 1000} s.`,
        fix: "It is sent again at a higher price. If that goes on, allow more with --max-gas-price.",
        retryable: true,
        cause,
      });
    });
    stuck = null;
    if (receipt.status !== "success") {
      throw new ChongwenError({
        code: "call-refused",
        message: `${kind}: transaction ${hash} reverted: the ledger changed between its simulation and its block.`,
        fix: "Nothing to do: the next pass reads the ledger again.",
        retryable: true,
      });
    }
    return { kind, hash: receipt.transactionHash, gas: receipt.gasUsed, block: receipt.blockNumber, cost: receipt.gasUsed * receipt.effectiveGasPrice, receipt };
  }

  return {
    account,
    send(call) {
      const next = queue.then(() => submit(call));
      queue = next.catch(() => undefined);
      return next;
    },
    async quote(call) {
      const gas = await gasOf(call);
      return { gas, cost: gas * (await fees(call.kind)).maxFeePerGas };
    },
  };
}

/** A call that the contract refuses, told from an endpoint that does not answer. */
function refusal(kind: string, error: unknown): Error {
  if (error instanceof ChongwenError) return error;
  if (error instanceof BaseError) {
    const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
    if (reverted !== null) {
      return new ChongwenError({
        code: "call-refused",
        message: `${kind}: ${describeRevert(error)}.`,
        fix: "docs/errors.md explains each contract error and what to do about it.",
        docs: "docs/errors.md",
        retryable: true,
        cause: error,
      });
    }
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** Name of the contract error that a call was refused with, or null. */
export function revertName(error: unknown): string | null {
  const cause = error instanceof ChongwenError ? error.cause : error;
  if (!(cause instanceof BaseError)) return null;
  const reverted = cause.walk((inner) => inner instanceof ContractFunctionRevertedError);
  return reverted instanceof ContractFunctionRevertedError ? (reverted.data?.errorName ?? null) : null;
}
