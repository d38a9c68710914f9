import { useQueries } from "@tanstack/react-query";
import { fetchCard, useDatasets } from "../../datasets/queries.ts";
import type { DatasetCard } from "../../datasets/read-card.ts";
import { termsOf } from "../../datasets/trace.ts";

export interface ModelCard {
  readonly dataset: number;
  readonly card: DatasetCard;
}

/** The checked cards of these datasets; what could not be had or checked is left out. */
export function useModelCards(datasets: readonly number[]): readonly ModelCard[] {
  const traces = useDatasets()?.filter(({ dataset }) => datasets.includes(dataset)) ?? [];
  const readings = useQueries({
    queries: traces.map((trace) => {
      const { card } = termsOf(trace);
      return {
        queryKey: ["card", card],
        queryFn: () => fetchCard(card),
        staleTime: Number.POSITIVE_INFINITY,
        retry: false,
      };
    }),
    combine: (answers) => answers.map(({ data }) => data),
  });
  return traces.flatMap(({ dataset }, i) => {
    const reading = readings[i];
    return reading?.kind === "checked" ? [{ dataset, card: reading.card }] : [];
  });
}
