import { useQuery } from "@tanstack/react-query";
import { BaseError } from "viem";
import type { Hex } from "viem";
import { call as ethCall } from "viem/actions";
import type { Deployment } from "../../../../../protocol/deployment.ts";
import type { ProposalCall } from "../../../../../protocol/governance/decode.ts";
import type { Simulation, SimulationResult, Tried } from "../../../../../protocol/governance/simulation.ts";
import { tryCalls } from "../../../../../protocol/governance/simulation.ts";
import { useHeartbeat } from "../../../chain/heartbeat.ts";
import type { ChainClient } from "../../../chain/ledger.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";

/** The bytes that a contract reverted with, wherever viem put them. */
function revertData(error: BaseError): Hex | undefined {
  const layer = error.walk((cause) => typeof (cause as { readonly data?: unknown }).data === "string");
  const data = (layer as { readonly data?: unknown } | null)?.data;
  return typeof data === "string" && data.startsWith("0x") ? (data as Hex) : undefined;
}

/** Only what says so is a revert: an endpoint that is away, or knows no overrides, has judged nothing. */
async function ask(client: ChainClient, { to, data, stateOverride }: Simulation): Promise<Tried> {
  try {
    await ethCall(client, { to, data, stateOverride });
    return { kind: "ran" };
  } catch (error) {
    if (!(error instanceof BaseError)) return { kind: "unavailable", detail: String(error) };
    const bytes = revertData(error);
    const reverted = bytes !== undefined || error.walk((cause) => (cause as { readonly code?: unknown }).code === 3) !== null;
    return reverted ? { kind: "reverted", data: bytes } : { kind: "unavailable", detail: error.shortMessage };
  }
}

export function simulateCalls(client: ChainClient, deployment: Deployment, calls: readonly ProposalCall[]): Promise<SimulationResult> {
  return tryCalls(deployment, calls, (simulation) => ask(client, simulation));
}

/** What would happen if these calls were executed now. */
export function useSimulation(calls: readonly ProposalCall[], enabled = true) {
  const { client, deployment } = useLedger();
  const { blockNumber } = useHeartbeat();
  const key = calls.map(({ target, value, data }) => `${target}${value}${data}`).join();
  // Looked at again every few blocks: it is a forecast, not a state.
  return useQuery({
    queryKey: ["simulate-calls", key, String((blockNumber ?? 0n) / 8n)],
    queryFn: () => simulateCalls(client, deployment, calls),
    enabled: enabled && calls.length > 0 && blockNumber !== undefined,
    placeholderData: (previous, query) => (query?.queryKey[1] === key ? previous : undefined),
    retry: false,
  });
}
