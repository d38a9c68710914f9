import { useState } from "react";
import { createClient } from "viem";
import { WagmiProvider } from "wagmi";
import type { Deployment } from "../../protocol/deployment.ts";
import type { Ledger } from "./chain/ledger.ts";
import { LedgerProvider } from "./chain/use-ledger.tsx";
import { ClaimsSection } from "./claims/claims-section.tsx";
import { SiteFooter } from "./footer.tsx";
import { ChainStatus } from "./header/chain-status.tsx";
import { SiteHeader } from "./header/site-header.tsx";
import { Intro } from "./intro.tsx";
import { RoundsSection } from "./rounds/rounds-section.tsx";
import { useUrlState } from "./use-url-state.ts";
import { chainOf, createWalletConfig, transportOf } from "./wallet/config.ts";
import { WalletButton } from "./wallet/wallet-button.tsx";

/** The page, once it knows where the ledger is. */
export function App({ deployment }: { readonly deployment: Deployment }) {
  const [walletConfig] = useState(() => createWalletConfig(deployment));
  const [ledger] = useState<Ledger>(() => ({
    client: createClient({ chain: chainOf(deployment), transport: transportOf(deployment), pollingInterval: 1000 }),
    deployment,
  }));
  return (
    <WagmiProvider config={walletConfig}>
      <LedgerProvider value={ledger}>
        <SiteHeader status={<ChainStatus />} wallet={<WalletButton />} />
        <main id="content" tabIndex={-1}>
          <Intro demo={deployment.demonstration !== undefined} />
          <Federation />
        </main>
        <SiteFooter deployment={deployment} />
      </LedgerProvider>
    </WagmiProvider>
  );
}

/** The federation that the address bar names, else the first. */
function Federation() {
  const [chosen, choose] = useUrlState("federation");
  const federation = chosen !== null && /^[1-9]\d{0,8}$/.test(chosen) ? Number(chosen) : 1;
  return (
    <>
      <RoundsSection key={`rounds-${federation}`} federation={federation} onChoose={(next) => choose(String(next))} />
      <ClaimsSection key={`claims-${federation}`} federation={federation} />
    </>
  );
}
