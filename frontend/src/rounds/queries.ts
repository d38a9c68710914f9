/** What is asked about rounds, and for how long an answer holds. */
import type { Hex } from "viem";
import { ARTEFACT_PATHS } from "../chain/artefact-paths.ts";
import { fetchArtefact } from "../chain/artefacts.ts";
import { useAtBlock, useFixed } from "../chain/at-block.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import { checkMetrics } from "./metrics.ts";
import { readFederation, readFederationCount } from "./read-federation.ts";
import { readReport } from "./read-report.ts";
import type { RoundReport } from "./read-report.ts";

export function useFederationCount() {
  const ledger = useLedger();
  return useAtBlock(["federations"], (block) => readFederationCount(ledger, block));
}

export function useFederation(federation: number, count: number) {
  const ledger = useLedger();
  return useAtBlock(["federation", federation, count], (block) => readFederation(ledger, federation, count, block));
}

export function useReport(federation: number, round: number, reportHash: Hex | undefined) {
  const ledger = useLedger();
  const read = async () => (await readReport(ledger, federation, round, reportHash ?? "0x")) ?? null;
  return useFixed(["report", federation, round, reportHash], read, reportHash !== undefined);
}

export function useMetrics(report: RoundReport | null | undefined) {
  const read = async () => {
    if (!report) return null;
    const [metrics, manifest] = await Promise.all([ARTEFACT_PATHS.metrics, ARTEFACT_PATHS.manifest].map((path) => fetchArtefact(report.artefact, path)));
    return metrics && manifest ? checkMetrics(metrics, manifest, report.metricsHash) : null;
  };
  return useFixed(["metrics", report?.artefact, report?.metricsHash], read, Boolean(report));
}
