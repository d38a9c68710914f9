import { defineChain } from "viem";
import type { Chain, HttpTransport } from "viem";
import { createConfig, createStorage, http, injected } from "wagmi";
import type { Config } from "wagmi";
import type { Deployment } from "../../../protocol/deployment.ts";
import { shelf } from "../state/remember.ts";

/** The chain of the ledger, as a wallet is told of it when it does not know it. */
export function chainOf(deployment: Deployment): Chain {
  return defineChain({
    id: deployment.chainId,
    name: deployment.chainId === 31_337 ? "Chongwen local" : `Chain ${deployment.chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [deployment.rpcUrl] } },
  });
}

/** Calls of the same moment travel together. */
export function transportOf(deployment: Deployment): HttpTransport {
  return http(deployment.rpcUrl, { batch: true, retryCount: 1, timeout: 8000 });
}

/** Wallets announce themselves (EIP-6963); `injected` is for browsers with an old one. No wallet company is contacted. */
export function createWalletConfig(deployment: Deployment): Config {
  const chain = chainOf(deployment);
  return createConfig({
    chains: [chain],
    connectors: [injected()],
    multiInjectedProviderDiscovery: true,
    storage: createStorage({ storage: shelf, key: "chongwen.wallet" }),
    transports: { [chain.id]: transportOf(deployment) },
    pollingInterval: 1000,
  });
}
