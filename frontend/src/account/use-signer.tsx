import { createContext, use, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { useConfig, useConnection } from "wagmi";
import { useLedger } from "../chain/use-ledger.tsx";
import { readRemembered } from "../state/remember.ts";
import type { Signer } from "./signer.ts";
import { createWalletSigner } from "./wallet-signer.ts";

interface SignerContext {
  /** Undefined while nobody has connected. */
  readonly signer: Signer | undefined;
  /** A passkey takes the place of a wallet until it is put down. */
  readonly setPasskey: (signer: Signer | undefined) => void;
}

const Context = createContext<SignerContext | undefined>(undefined);

export function SignerProvider({ children }: { readonly children: ReactNode }) {
  const config = useConfig();
  const ledger = useLedger();
  const { chainId } = ledger.deployment;
  const { address, chainId: walletChain } = useConnection();
  const [passkey, setPasskey] = useState<Signer>();
  const wallet = useMemo(() => (address === undefined ? undefined : createWalletSigner({ config, address, walletChain, chainId })), [config, address, walletChain, chainId]);
  useEffect(() => {
    // Only who joined in this browser needs what passkeys need.
    if (readRemembered("chongwen.passkey") === null) return;
    void import("./passkey/restore.ts").then(({ restorePasskey }) => setPasskey((present) => present ?? restorePasskey(ledger)));
  }, [ledger]);
  const value = useMemo(() => ({ signer: passkey ?? wallet, setPasskey }), [passkey, wallet]);
  return <Context value={value}>{children}</Context>;
}

function useSignerContext(): SignerContext {
  const context = use(Context);
  if (context === undefined) throw new Error("useSigner needs a SignerProvider above it.");
  return context;
}

/** Who acts on this page, if anybody has connected. */
export function useSigner(): Signer | undefined {
  return useSignerContext().signer;
}

export function useSetPasskey(): SignerContext["setPasskey"] {
  return useSignerContext().setPasskey;
}
