import { getContractEvents } from "viem/actions";
import type { Hex } from "viem";
import { roundsAbi } from "../../../protocol/abi/index.ts";
import type { Ledger } from "../chain/ledger.ts";

/** What the operators reported for a round: the event behind the report hash that the ledger keeps. */
export interface RoundReport {
  readonly modelRoot: Hex;
  readonly metricsHash: Hex;
  readonly artefact: Hex;
  /** Entries excluded because their payload never came. */
  readonly excluded: number;
  readonly transactionHash: Hex | null;
}

function countBits(bitmap: bigint): number {
  return bitmap.toString(2).replaceAll("0", "").length;
}

/** The report with this hash, or undefined when the endpoint has no such event. Round 0 has no report: its model came with the federation. */
export async function readReport({ client, deployment }: Ledger, federation: number, round: number, reportHash: Hex): Promise<RoundReport | undefined> {
  const filter = { address: deployment.contracts.rounds, abi: roundsAbi, fromBlock: deployment.fromBlock, strict: true } as const;
  if (round === 0) {
    const created = await getContractEvents(client, { ...filter, eventName: "FederationCreated", args: { federation } });
    const genesis = created.find(({ args }) => args.genesisHash === reportHash);
    if (genesis === undefined) return undefined;
    const { modelRoot, artefact } = genesis.args;
    return { modelRoot, artefact, metricsHash: `0x${"0".repeat(64)}`, excluded: 0, transactionHash: genesis.transactionHash };
  }
  const reported = await getContractEvents(client, { ...filter, eventName: "RoundReported", args: { federation, round } });
  const found = reported.find(({ args }) => args.reportHash === reportHash);
  if (found === undefined) return undefined;
  const { modelRoot, metricsHash, artefact, excluded } = found.args.report;
  return { modelRoot, metricsHash, artefact, excluded: countBits(excluded), transactionHash: found.transactionHash };
}
