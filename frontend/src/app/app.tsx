import { Suspense, useState } from "react";
import { createClient } from "viem";
import { WagmiProvider } from "wagmi";
import { Route, Router, Switch } from "wouter";
import { useHashLocation as hashLocation } from "wouter/use-hash-location";
import type { Deployment } from "../../../protocol/deployment.ts";
import { chainOf, createWalletConfig, transportOf } from "../account/config.ts";
import { SignerProvider } from "../account/use-signer.tsx";
import { WalletButton } from "../account/wallet-button.tsx";
import type { Ledger } from "../chain/ledger.ts";
import { LedgerProvider } from "../chain/use-ledger.tsx";
import { useText } from "../i18n/text.tsx";
import { TransactionTray } from "../tx/tray.tsx";
import { TransactionsProvider } from "../tx/use-transactions.tsx";
import { Page } from "../ui/page.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { SiteFooter } from "./footer.tsx";
import { ChainStatus } from "./header/chain-status.tsx";
import { Navigation } from "./header/navigation.tsx";
import { SiteHeader } from "./header/site-header.tsx";
import { PageBoundary } from "./page-boundary.tsx";
import { routes } from "./routes.tsx";

/** The dapp, once it knows where the ledger is. */
export function App({ deployment }: { readonly deployment: Deployment }) {
  const [walletConfig] = useState(() => createWalletConfig(deployment));
  const [ledger] = useState<Ledger>(() => ({
    client: createClient({ chain: chainOf(deployment), transport: transportOf(deployment), pollingInterval: 1000 }),
    deployment,
  }));
  return (
    <WagmiProvider config={walletConfig}>
      <LedgerProvider value={ledger}>
        <SignerProvider>
          <TransactionsProvider>
            {/* oxlint-disable-next-line react/hooks -- how this router is told to keep the location behind the # */}
            <Router hook={hashLocation}>
              <SiteHeader navigation={<Navigation />} status={<ChainStatus />} tools={<Tools />} />
              <main id="content" tabIndex={-1}>
                <Pages />
              </main>
              <SiteFooter deployment={deployment} />
            </Router>
          </TransactionsProvider>
        </SignerProvider>
      </LedgerProvider>
    </WagmiProvider>
  );
}

function Tools() {
  return (
    <>
      <TransactionTray />
      <WalletButton />
    </>
  );
}

function Pages() {
  const { app } = useText();
  return (
    <PageBoundary>
      <Suspense fallback={<Waiting>{app.loadingPage}</Waiting>}>
        <Switch>
          {routes.map(({ path, Page: Content }) => (
            <Route key={path} path={path} nest={path !== "/"}>
              <Content />
            </Route>
          ))}
          <Route>
            <Page title={app.notFound} lead={app.notFoundLead}>
              {null}
            </Page>
          </Route>
        </Switch>
      </Suspense>
    </PageBoundary>
  );
}
