import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Hex } from "viem";
import { fetchArtefact } from "./artefacts.ts";
import { useAtBlock } from "./at-block.ts";
import type { CardNames } from "./dataset-card.ts";
import type { Names, Registry } from "./names.ts";
import { createNames } from "./names.ts";
import { readRegistry, readRegistrySize } from "./read-registry.ts";
import { useLedger } from "./use-ledger.tsx";

/** Registers of thousands are named as they are looked at, not all at once. */
const MOST_CARDS = 400;
const TOGETHER = 8;
/** Officers, keys and cards change seldom, and a name is no ground for a decision. */
const REFRESH = 30_000;

const NO_CARDS: ReadonlyMap<Hex, CardNames> = new Map();
const NOBODY: Registry = { datasets: [], organisations: [], contributors: [] };

/** A card that was checked never changes; one that could not be had is asked for again. */
async function loadCard(queries: QueryClient, digest: Hex): Promise<CardNames | undefined> {
  const queryFn = async (): Promise<CardNames | null> => {
    // Hashing a card takes more code than the first page should wait for.
    const { CARD_LIMIT, CARD_PATH, readCardNames } = await import("./dataset-card.ts");
    return readCardNames(await fetchArtefact(digest, CARD_PATH, CARD_LIMIT), digest) ?? null;
  };
  const card = await queries
    .fetchQuery({ queryKey: ["dataset-card", digest], queryFn, staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY, retry: false })
    .catch(() => null);
  return card ?? undefined;
}

async function loadCards(queries: QueryClient, { datasets }: Registry): Promise<ReadonlyMap<Hex, CardNames>> {
  const digests = [...new Set(datasets.slice(0, MOST_CARDS).map(({ card }) => card))];
  const cards = new Map<Hex, CardNames>();
  const work = digests.values();
  const worker = async (): Promise<void> => {
    for (const digest of work) {
      const card = await loadCard(queries, digest);
      if (card !== undefined) cards.set(digest, card);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, worker));
  return cards;
}

/** What people call datasets, institutions and addresses. Until a card was fetched and checked, and where there is none, it has no name: show the number or address. */
export function useNames(): Names {
  const ledger = useLedger();
  const queries = useQueryClient();
  const size = useAtBlock(["registry-size"], (block) => readRegistrySize(ledger, block)).data;
  const registry = useQuery({
    queryKey: ["registry", size],
    queryFn: () => (size === undefined ? NOBODY : readRegistry(ledger, size)),
    enabled: size !== undefined,
    placeholderData: (previous) => previous,
    refetchInterval: REFRESH,
  }).data;
  const cards = useQuery({
    queryKey: ["dataset-cards", registry?.datasets.map(({ card }) => card).join(",")],
    queryFn: () => loadCards(queries, registry ?? NOBODY),
    enabled: registry !== undefined,
    placeholderData: (previous) => previous,
    refetchInterval: REFRESH,
  }).data;
  const { contracts } = ledger.deployment;
  return useMemo(() => createNames(registry ?? NOBODY, cards ?? NO_CARDS, contracts), [registry, cards, contracts]);
}
