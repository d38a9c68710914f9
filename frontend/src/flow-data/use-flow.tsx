import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { createContext, use } from "react";
import type { ReactNode } from "react";
import type { Hex } from "viem";
import { useHistory } from "../chain/use-history.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import type { FlowClient } from "./client.ts";
import { flowClient } from "./client.ts";
import type { LedgerSource, Opened, RequestKind, Requests } from "./messages.ts";

interface FlowContext {
  readonly client: FlowClient;
  readonly opened: Opened;
  /** Names the table that the worker holds: an answer to another is none. */
  readonly version: string;
}

const Context = createContext<FlowContext | undefined>(undefined);

export const FlowProvider = ({ value, children }: { readonly value: FlowContext; readonly children: ReactNode }) => <Context value={value}>{children}</Context>;

function useFlowContext(): FlowContext {
  const context = use(Context);
  if (context === undefined) throw new Error("The flow needs a FlowProvider above it.");
  return context;
}

export const useOpened = (): Opened => useFlowContext().opened;

/** An answer of the worker; the former one stands until the new one is there. */
export function useFlow<Kind extends RequestKind>(ask: Requests[Kind]["ask"], enabled = true) {
  const { client, version } = useFlowContext();
  return useQuery({
    queryKey: ["flow", version, JSON.stringify(ask)],
    queryFn: () => client.ask<Kind>(ask),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
    networkMode: "always",
    structuralSharing: false,
  });
}

/** Events of the ledger, as all pages read them. */
function useLedgerSource(federation: number): { readonly ledger: LedgerSource | undefined; readonly failed: boolean } {
  const { deployment } = useLedger();
  const history = useHistory();
  const { contributors, datasets, seats, rounds, settlement, governor } = deployment.contracts;
  const contracts = { contributors, datasets, seats, rounds, settlement, governor };
  const ledger = history.data && { chainId: deployment.chainId, contracts, federation, block: history.data.through, logs: history.data.entries };
  return { ledger, failed: history.isError };
}

/** The newest event that a flow can depend on: a block without one changes nothing. */
function lastEvent({ logs, contracts }: LedgerSource): string {
  const speakers = new Set(Object.values(contracts).map((address) => address.toLowerCase()));
  const last = logs.findLast(({ address }) => speakers.has(address));
  return last === undefined ? "none" : `${last.blockNumber}-${last.logIndex}-${last.transactionHash}`;
}

export type Opening =
  | { readonly kind: "waiting" | "no-chain" }
  | { readonly kind: "failed"; readonly error: Error; readonly retry: () => void }
  | { readonly kind: "open"; readonly context: FlowContext };

const OPENING = { placeholderData: keepPreviousData, staleTime: Number.POSITIVE_INFINITY, gcTime: 0, retry: false, networkMode: "always", structuralSharing: false } as const;

/**
 * An export is drawn without waiting for the chain; once that has answered, it is opened again to be compared with it. Nothing on chain can change what is
 * synthetic.
 * @param digest An export; null = the ledger itself.
 */
export function useOpening(digest: Hex | null, federation: number): Opening {
  const { ledger, failed } = useLedgerSource(federation);
  const open = async (version: string, from: LedgerSource | null): Promise<FlowContext> => {
    const client = flowClient();
    return { client, version, opened: await client.ask<"open">({ kind: "open", base: document.baseURI, digest, ledger: from }) };
  };
  const alone = useQuery({ ...OPENING, queryKey: ["flow-open", digest], queryFn: () => open(String(digest), null), enabled: digest !== null });
  const real = digest === null || (alone.data?.version === digest && alone.data.opened.synthetic === null);
  const version = `${digest ?? "ledger"}/${federation}/${ledger === undefined ? "unasked" : lastEvent(ledger)}`;
  const compared = useQuery({ ...OPENING, queryKey: ["flow-open", version], queryFn: () => open(version, ledger ?? null), enabled: real && ledger !== undefined });
  const shown = real ? (compared.data ?? alone.data) : alone.data;
  const problem = [compared, alone].find(({ isError }) => isError);
  if (problem?.error) return { kind: "failed", error: problem.error, retry: () => void problem.refetch() };
  if (shown === undefined || (digest !== null && !shown.version.startsWith(digest)) || (digest === null && shown.opened.source === "export")) return { kind: failed && digest === null ? "no-chain" : "waiting" };
  return { kind: "open", context: shown };
}
