/** What the pages of a federation's rounds share. */
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { ARTEFACT_PATHS } from "../../chain/artefact-paths.ts";
import { fetchArtefact } from "../../chain/artefacts.ts";
import { checkMetrics } from "../../rounds/metrics.ts";
import type { Metrics } from "../../rounds/metrics.ts";
import { tombstonesOf } from "../../../../protocol/ledger/tombstones.ts";
import { currentReport, roundsToTip } from "../../rounds/trace.ts";
import type { ReportTrace, RoundTrace } from "../../rounds/trace.ts";
import { stepsOf, useRoundTraces, useSealedSets, useWithdrawn } from "../../rounds/use-rounds.ts";
import type { RoundMetrics } from "./accuracy-chart.tsx";
import type { LineageRound } from "./lineage.tsx";

/** More would be neither read nor drawn well; older rounds are in the list. */
const MOST = 60;

async function readMetrics({ artefact, metricsHash }: ReportTrace): Promise<Metrics | null> {
  const [metrics, manifest] = await Promise.all([ARTEFACT_PATHS.metrics, ARTEFACT_PATHS.manifest].map((path) => fetchArtefact(artefact, path)));
  return metrics && manifest ? checkMetrics(metrics, manifest, metricsHash) : null;
}

/** The checked metrics of the newest rounds that have a report. */
export function useMetricsSeries(traces: readonly RoundTrace[]): readonly RoundMetrics[] {
  const reported = traces.slice(-MOST).flatMap((trace) => {
    const report = currentReport(trace);
    return report === undefined ? [] : [{ round: trace.round, report }];
  });
  const answers = useQueries({
    queries: reported.map(({ report }) => ({
      queryKey: ["metrics", report.artefact, report.metricsHash],
      queryFn: () => readMetrics(report),
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: Number.POSITIVE_INFINITY,
      retry: 1,
    })),
    combine: (results) => results.map(({ data, isError }) => (isError ? null : data)),
  });
  return reported.map(({ round }, i) => ({ round, metrics: answers[i] }));
}

export interface FederationView {
  readonly traces: readonly RoundTrace[];
  readonly lineage: readonly LineageRound[];
  readonly onLine: ReadonlySet<number>;
}

/** @param tip Round that the next seal extends. */
export function useFederationView(federation: number, tip: number | undefined): FederationView | undefined {
  const traces = useRoundTraces(federation);
  const newest = traces?.slice(-MOST) ?? [];
  const sets = useSealedSets(federation, newest);
  const withdrawn = useWithdrawn();
  const known = [...sets.keys()].join();
  return useMemo(() => {
    if (traces === undefined || tip === undefined) return undefined;
    const steps = stepsOf(traces, sets);
    const lineage = newest.map((trace): LineageRound => ({
      round: trace.round,
      parent: trace.seals.at(-1)?.parent,
      state: trace.state,
      tombstones: withdrawn === undefined ? 0 : tombstonesOf(trace.round, steps, withdrawn).tombstones.length,
    }));
    const first: LineageRound[] = lineage.some(({ parent }) => parent === 0) || lineage.length === 0 ? [{ round: 0, parent: undefined, state: "final", tombstones: 0 }] : [];
    return { traces, lineage: [...first, ...lineage], onLine: roundsToTip(traces, tip) };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the sets are new objects each time; which are known stands for them
  }, [traces, tip, withdrawn, known]);
}
