import type { Address } from "viem";
import type { Config } from "wagmi";
import { sendTransaction, signMessage, signTypedData } from "wagmi/actions";
import type { Signer } from "./signer.ts";

export interface WalletSignerParameters {
  readonly config: Config;
  readonly address: Address;
  /** Chain that the wallet is on. */
  readonly walletChain: number | undefined;
  /** Chain of the ledger. */
  readonly chainId: number;
}

/** Signs with a wallet of the browser, which asks its owner each time. */
export function createWalletSigner({ config, address, walletChain, chainId }: WalletSignerParameters): Signer {
  return {
    kind: "wallet",
    address,
    chainReady: walletChain === chainId,
    async sendCalls(calls) {
      const [call, ...others] = calls;
      if (call === undefined || others.length > 0) throw new RangeError(`A wallet takes one call at a time, not ${calls.length}.`);
      return sendTransaction(config, { ...call, account: address, chainId });
    },
    signMessage: (message) => signMessage(config, { message, account: address }),
    signTypedData: (typed) => signTypedData(config, { ...typed, account: address }),
  };
}
