import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Address, Hex } from "viem";
import { useConfig } from "wagmi";
import { writeContract } from "wagmi/actions";
import { useLedger } from "../chain/use-ledger.tsx";
import { shelf } from "../remember.ts";
import type { ClaimCall } from "./claim-call.ts";
import { simulateClaim } from "./claim-call.ts";
import { followClaim } from "./follow-claim.ts";
import { clearPendingClaim, loadPendingClaim, savePendingClaim } from "./pending-claim.ts";
import type { Problem } from "./problem.ts";
import { explainProblem } from "./problem.ts";

export type ClaimState =
  | { readonly kind: "idle" }
  | { readonly kind: "checking" }
  | { readonly kind: "signing" }
  | { readonly kind: "pending"; readonly hash: Hex; readonly repriced: boolean }
  | { readonly kind: "done"; readonly hash: Hex; readonly amount: bigint }
  | { readonly kind: "failed"; readonly problem: Problem; readonly hash?: Hex };

export interface Claim {
  readonly state: ClaimState;
  readonly send: (call: ClaimCall) => void;
  readonly reset: () => void;
}

/** One claim from click to block: simulated first, followed through replacement, and picked up again after a reload. */
export function useClaim(vault: Address, account: Address): Claim {
  const { client, deployment } = useLedger();
  const config = useConfig();
  const queries = useQueryClient();
  const [interrupted] = useState(() => loadPendingClaim(shelf, deployment.chainId, vault, account));
  const [state, setState] = useState<ClaimState>(() => (interrupted === undefined ? { kind: "idle" } : pending(interrupted.hash)));
  const [sent, setSent] = useState(interrupted?.hash);

  useEffect(() => {
    if (sent === undefined) return undefined;
    const controller = new AbortController();
    const options = { signal: controller.signal, onRepriced: (hash: Hex) => setState(pending(hash, true)) };
    const follow = async (): Promise<void> => {
      const outcome = await followClaim(client, vault, sent, options);
      if (outcome === undefined) return;
      clearPendingClaim(shelf);
      // What the vault paid is on chain now: show it without waiting for the next look.
      await queries.invalidateQueries({ queryKey: ["block"] });
      setState(outcome);
      setSent(undefined);
    };
    void follow();
    return () => controller.abort();
  }, [sent, client, vault, queries]);

  const send = async (call: ClaimCall): Promise<void> => {
    setState({ kind: "checking" });
    try {
      await simulateClaim(client, call);
      setState({ kind: "signing" });
      const { contract } = call;
      const options = { account, chainId: deployment.chainId };
      const hash = await (contract.functionName === "claim"
        ? writeContract(config, { ...contract, ...options })
        : writeContract(config, { ...contract, ...options }));
      savePendingClaim(shelf, { hash, chainId: deployment.chainId, vault, account });
      setState(pending(hash));
      setSent(hash);
    } catch (error) {
      setState({ kind: "failed", problem: explainProblem(error) });
    }
  };
  return { state, send: (call) => void send(call), reset: () => setState({ kind: "idle" }) };
}

function pending(hash: Hex, repriced = false): ClaimState {
  return { kind: "pending", hash, repriced };
}
