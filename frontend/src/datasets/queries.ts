/** Datasets and their cards, as several rooms know them. */
import { useMemo } from "react";
import type { Hex } from "viem";
import { datasetsAbi } from "../../../protocol/abi/index.ts";
import { fetchArtefact } from "../chain/artefacts.ts";
import { CARD_LIMIT, CARD_PATH } from "../chain/dataset-card.ts";
import { useEvents } from "../chain/use-history.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import type { CardReading } from "./read-card.ts";
import { checkCard } from "./read-card.ts";
import type { DatasetTrace } from "./trace.ts";
import { DATASET_EVENTS, traceDatasets } from "./trace.ts";

export function useDatasets(): readonly DatasetTrace[] | undefined {
  const { datasets } = useLedger().deployment.contracts;
  const events = useEvents({ address: datasets, abi: datasetsAbi, eventName: DATASET_EVENTS });
  return useMemo(() => (events === undefined ? undefined : traceDatasets(events)), [events]);
}

/** @param digest The card's, as the chain has it. */
export async function fetchCard(digest: Hex): Promise<CardReading> {
  return checkCard(await fetchArtefact(digest, CARD_PATH, CARD_LIMIT), digest);
}
