/** What a quality settlement carries on from those before it: reputation, and the commitments of holdouts that were used up. */
import type { Hex } from "viem";
import { readFile, type BundleReader } from "../bundle/reader.ts";
import { readSettlementManifest } from "../bundle/settlement-manifest.ts";
import { decodeReputation, MAX_REPUTATION_ROWS, REPUTATION_ROW_BYTES, type ReputationTable } from "../reputation/table.ts";
import { QUALITY_V1 } from "../rewards/scoring.ts";
import { decodeEvidence, EVIDENCE_LIMIT } from "./evidence.ts";
import { QUALITY_FILES } from "./working.ts";

/** @param spent Ascending. */
export interface Carry {
  readonly reputation: ReputationTable;
  readonly spent: readonly Hex[];
}

const NOTHING: Carry = { reputation: [], spent: [] };

/**
 * From the last settlement by quality before this one; the ledger names the artefact of each, and each names the one before it.
 * @param open Opens an artefact whose bytes are those of its digest. @param previous Of the settlement before; null for the first.
 * @throws what `open` throws, bundle-unreadable, json-invalid, manifest-invalid, evidence-invalid, reputation-invalid
 */
export async function readCarry(open: (artefact: Hex) => Promise<BundleReader>, previous: { readonly artefact: Hex } | null): Promise<Carry> {
  for (let at = previous; at !== null; ) {
    const reader = await open(at.artefact);
    const manifest = await readSettlementManifest(reader);
    if (manifest.scoringId === QUALITY_V1) return carryOf(reader);
    at = manifest.previous;
  }
  return NOTHING;
}

async function carryOf(reader: BundleReader): Promise<Carry> {
  const reputation = decodeReputation(await readFile(reader, QUALITY_FILES.reputation, MAX_REPUTATION_ROWS * REPUTATION_ROW_BYTES + 1));
  const { holdout, spent } = decodeEvidence(await readFile(reader, QUALITY_FILES.evidence, EVIDENCE_LIMIT + 1));
  return { reputation, spent: holdout.kind === "open" ? [...new Set([...spent, holdout.commitment])].sort() : spent };
}
