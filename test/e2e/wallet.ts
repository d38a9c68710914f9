// A scripted wallet for browser tests: an EIP-1193 provider that announces itself by EIP-6963. The key stays in the test process; a page sees what it
// would see of a wallet extension, error codes included.
import type { Page } from "playwright-core";
import { createPublicClient, createWalletClient, http, numberToHex } from "viem";
import type { Chain, Hex, LocalAccount, TypedDataDefinition } from "viem";

export type Answer = "approve" | "reject";

export interface TestWallet {
  /** Answers to the next questions that a person would be asked; afterwards everything is approved. */
  next(...answers: Answer[]): void;
  /** The person changes the chain in the wallet. */
  switchTo(chainId: number): Promise<void>;
  /** Methods that were called, in order; a refused one ends in "!". */
  readonly calls: readonly string[];
}

export interface TestWalletOptions {
  readonly account: LocalAccount;
  /** Chains that the wallet knows; it starts on the first. */
  readonly chains: readonly [Chain, ...Chain[]];
  readonly name?: string;
}

type Params = readonly unknown[];
type Reply = { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } };

class ProviderError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface TransactionRequest {
  readonly to: Hex;
  readonly data: Hex;
  readonly gas?: Hex;
  readonly value?: Hex;
}

/** Installs the wallet into every document that `page` opens from now on. */
export async function installWallet(page: Page, { account, chains, name = "Test Wallet" }: TestWalletOptions): Promise<TestWallet> {
  let [chain] = chains;
  let connected = false;
  const answers: Answer[] = [];
  const calls: string[] = [];

  const emit = async (event: string, argument: unknown): Promise<void> => {
    await page.evaluate(emitInPage, { event, argument });
  };
  const ask = (): void => {
    if (answers.shift() === "reject") throw new ProviderError(4001, "User rejected the request.");
  };
  const known = (chainId: number): Chain => {
    const found = chains.find(({ id }) => id === chainId);
    if (found === undefined) throw new ProviderError(4902, "Unrecognized chain ID.");
    return found;
  };
  const change = async (next: Chain): Promise<void> => {
    chain = next;
    await emit("chainChanged", numberToHex(next.id));
  };
  const sendTransaction = ({ to, data, gas, value }: TransactionRequest): Promise<Hex> =>
    createWalletClient({ account, chain, transport: http() }).sendTransaction({
      to,
      data,
      ...(gas !== undefined && { gas: BigInt(gas) }),
      ...(value !== undefined && { value: BigInt(value) }),
    });

  const handle = async (method: string, params: Params): Promise<unknown> => {
    switch (method) {
      case "eth_chainId":
        return numberToHex(chain.id);
      case "eth_accounts":
        return connected ? [account.address] : [];
      case "eth_requestAccounts":
        if (!connected) ask();
        connected = true;
        return [account.address];
      case "wallet_requestPermissions":
        ask();
        connected = true;
        return [{ parentCapability: "eth_accounts", caveats: [{ type: "restrictReturnedAccounts", value: [account.address] }] }];
      case "wallet_revokePermissions":
        connected = false;
        return null;
      case "wallet_switchEthereumChain": {
        const next = known(Number((params[0] as { chainId: Hex }).chainId));
        ask();
        await change(next);
        return null;
      }
      case "eth_sendTransaction":
        ask();
        return sendTransaction(params[0] as TransactionRequest);
      case "personal_sign":
        ask();
        return account.signMessage({ message: { raw: params[0] as Hex } });
      case "eth_signTypedData_v4":
        ask();
        return account.signTypedData(JSON.parse(params[1] as string) as TypedDataDefinition);
      default:
        return createPublicClient({ chain, transport: http() }).request({ method, params } as never);
    }
  };

  const reply = async (method: string, params: Params): Promise<Reply> => {
    try {
      const result = await handle(method, params);
      calls.push(method);
      return { result };
    } catch (error) {
      calls.push(`${method}!`);
      const { code, message, data } = error as { code?: number; message: string; data?: unknown };
      return { error: { code: code ?? -32_603, message, data } };
    }
  };

  await page.exposeFunction("chongwenTestWallet", reply);
  await page.addInitScript(announceInPage, name);
  return { calls, next: (...more) => answers.push(...more), switchTo: (chainId) => change(known(chainId)) };
}

/** What the page side of the wallet keeps on `window`. */
interface PageSide {
  chongwenTestWallet(method: string, params: Params): Promise<Reply>;
  chongwenTestWalletEmit?(event: string, argument: unknown): void;
}

/** Runs in the page: must stand on its own. */
function emitInPage({ event, argument }: { event: string; argument: unknown }): void {
  (globalThis as unknown as PageSide).chongwenTestWalletEmit?.(event, argument);
}

/** Runs in the page: must stand on its own. */
function announceInPage(name: string): void {
  const side = globalThis as unknown as PageSide & EventTarget;
  const listeners = new Map<string, Set<(argument: unknown) => void>>();
  side.chongwenTestWalletEmit = (event, argument) => {
    for (const listener of listeners.get(event) ?? []) listener(argument);
  };
  const provider = {
    on(event: string, listener: (argument: unknown) => void) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
      return provider;
    },
    removeListener(event: string, listener: (argument: unknown) => void) {
      listeners.get(event)?.delete(listener);
      return provider;
    },
    async request({ method, params }: { method: string; params?: Params }) {
      const answer = await side.chongwenTestWallet(method, params ?? []);
      if ("error" in answer) throw Object.assign(new Error(answer.error.message), answer.error);
      return answer.result;
    },
  };
  const icon = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='4' fill='teal'/></svg>";
  const info = { uuid: "00000000-0000-4000-8000-000000000001", name, rdns: "test.chongwen.wallet", icon };
  const announce = (): void => {
    side.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
  };
  side.addEventListener("eip6963:requestProvider", announce);
  announce();
}
