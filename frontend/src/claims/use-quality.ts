/** Fetches a quality settlement's files, compares the whole artefact with the chain's digest, and has the rest checked. */
import type { Hex } from "viem";
import { z } from "zod";
import { ARTEFACT_PATHS } from "../chain/artefact-paths.ts";
import { fetchArtefact } from "../chain/artefacts.ts";
import { useFixed } from "../chain/at-block.ts";
import { configOf } from "../chain/book.ts";
import type { FederationHistory, SettlementRecord } from "../chain/book.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import type { RoundWeights } from "./round-weights.ts";

export const QUALITY_SCORING = 2;

/** A bundle holds a revealed holdout too; what is larger is for the command line. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_FILES = 32;
const manifestSchema = z.looseObject({ files: z.array(z.looseObject({ path: z.string().regex(/^[a-z]+\.(bin|json)$/) })).max(MOST_FILES) });

/** All files of a settlement's artefact, or undefined when they are not what the chain names. */
async function readWhole(artefact: Hex): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const { artefactDigest } = await import("../../../protocol/unixfs/encode.ts");
  const manifest = await fetchArtefact(artefact, ARTEFACT_PATHS.manifest, MOST_BYTES);
  const listed = manifestSchema.safeParse(JSON.parse(new TextDecoder().decode(manifest)));
  if (!listed.success) return undefined;
  const files = await Promise.all(listed.data.files.map(async ({ path }) => [path, await fetchArtefact(artefact, path, MOST_BYTES)] as const));
  const whole = new Map([[ARTEFACT_PATHS.manifest as string, manifest], ...files]);
  return artefactDigest(whole) === artefact.toLowerCase() ? whole : undefined;
}

/** Reputation as the last quality settlement before this one left it. */
async function reputationBefore(history: FederationHistory, { index }: SettlementRecord) {
  const { decodeReputation } = await import("../../../protocol/reputation/table.ts");
  const earlier = history.settlements.filter((record) => record.index < index).toSorted((a, b) => b.index - a.index);
  const last = earlier.find((record) => configOf(history, record)?.scoringId === QUALITY_SCORING);
  if (last === undefined) return [];
  const bytes = (await readWhole(last.artefact))?.get("reputation.bin");
  return bytes === undefined ? undefined : decodeReputation(bytes);
}

/** @param rounds The final rounds' checked weights; undefined while some are not known. */
export function useQuality(history: FederationHistory, record: SettlementRecord, rounds: readonly RoundWeights[] | undefined) {
  const { deployment } = useLedger();
  const config = configOf(history, record);
  const wanted = config?.scoringId === QUALITY_SCORING;
  const answer = useFixed(
    ["quality", record.federation, record.index, record.artefact, record.scoresHash],
    async () => {
      const [files, reputation, { checkQualityFiles }] = await Promise.all([readWhole(record.artefact), reputationBefore(history, record), import("./quality-check.ts")]);
      if (files === undefined || reputation === undefined) return { kind: "mismatch", what: "unreadable" } as const;
      return checkQualityFiles({
        files, reputation, chainId: deployment.chainId, settlement: deployment.contracts.settlement, federation: record.federation, index: record.index,
        termsHash: config?.termsHash ?? "0x", scoresHash: record.scoresHash, rounds: rounds ?? [],
      });
    },
    wanted && rounds !== undefined,
  );
  return { wanted, check: answer.data, failed: answer.isError };
}
