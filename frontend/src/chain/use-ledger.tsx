import { createContext, use } from "react";
import type { Ledger } from "./ledger.ts";

const Context = createContext<Ledger | undefined>(undefined);

export const LedgerProvider = Context;

export function useLedger(): Ledger {
  const ledger = use(Context);
  if (ledger === undefined) throw new Error("useLedger needs a LedgerProvider above it.");
  return ledger;
}
