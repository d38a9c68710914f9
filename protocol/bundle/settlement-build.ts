import type { Address, Hex } from "viem";
import { protocolError } from "../errors.ts";
import type { SettlementStatement } from "../eip712/structs.ts";
import { encodeJson } from "./canonical-json.ts";
import { hashedFile, MANIFEST, sortFiles } from "./files.ts";
import type { Unplaced } from "./round-manifest.ts";
import { type ComputedSettlement, computeSettlement, type SettlementInput } from "./settlement-compute.ts";
import { SETTLEMENT_FILES, SETTLEMENT_FORMAT, type SettledRound, type SettlementManifest } from "./settlement-manifest.ts";
import { encodeReputation } from "../reputation/table.ts";
import { encodeEvidence } from "../scoring/evidence.ts";
import { encodeHoldout } from "../scoring/holdout-files.ts";
import type { QualitySettlement } from "../scoring/settle.ts";
import type { Holdout } from "../scoring/window.ts";
import { encodeWorking, QUALITY_FILES } from "../scoring/working.ts";
import { encodeTerms } from "../terms/terms.ts";
import { toJson } from "./struct-json.ts";

/**
 * @param rounds Every round since the last settlement, ascending, final or void; the last final one is pinned.
 * @param holdout What is revealed with a settlement by quality, when its evidence names an open one.
 */
export interface SettlementBundleInput extends SettlementInput {
  readonly settlement: Address;
  readonly index: number;
  readonly attempt: number;
  readonly rounds: readonly SettledRound[];
  readonly previous: { readonly index: number; readonly artefact: Hex } | null;
  readonly holdout?: Holdout | null;
}

/** @param statement Still without `artefact`: store the files, then add the digest of their directory. */
export interface SettlementBundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly manifest: SettlementManifest;
  readonly statement: Unplaced<SettlementStatement>;
  readonly computed: ComputedSettlement;
}

/** @throws terms-invalid, evidence-invalid, reputation-invalid */
function qualityFiles({ quality, holdout = null }: SettlementBundleInput, settled: QualitySettlement | null): (readonly [string, Uint8Array])[] {
  if (settled === null || quality === undefined) return [];
  return [
    [QUALITY_FILES.terms, encodeTerms(quality.terms)],
    [QUALITY_FILES.evidence, encodeEvidence(quality.evidence)],
    [QUALITY_FILES.working, encodeWorking(settled.working)],
    [QUALITY_FILES.reputation, encodeReputation(settled.reputation)],
    ...(holdout === null ? [] : encodeHoldout(holdout)),
  ];
}

/** Computes a settlement and writes its canonical bundle. @throws rule-unknown, length-mismatch, out-of-range, column-invalid, and as `qualityFiles` */
export async function buildSettlementBundle(input: SettlementBundleInput): Promise<SettlementBundle> {
  const { domain, settlement, index, attempt, rounds, previous, scoringId, pool } = input;
  const lastFinal = rounds.findLast(({ state }) => state === "Final");
  if (lastFinal === undefined) throw protocolError("out-of-range", "A settlement covers at least one final round.");
  const computed = await computeSettlement(input);
  const statement = {
    federation: domain.federation,
    index,
    attempt,
    firstRound: rounds[0]!.round,
    lastRound: rounds[rounds.length - 1]!.round,
    lastReportHash: lastFinal.reportHash,
    scoresHash: computed.scoresHash,
    entitlementsHash: computed.entitlementsHash,
    rewardsRoot: computed.tree.root,
    distributed: computed.distributed,
    total: computed.total,
  };
  const files = new Map<string, Uint8Array>([
    ...(Object.keys(SETTLEMENT_FILES) as (keyof typeof SETTLEMENT_FILES)[]).map((name) => [SETTLEMENT_FILES[name], computed.columns[name]] as const),
    ...qualityFiles(input, computed.quality),
  ]);
  const manifest: SettlementManifest = {
    format: SETTLEMENT_FORMAT, version: 1, chainId: domain.chainId, settlement, vault: domain.vault, federation: domain.federation,
    scoringId, seatCount: input.payees.length, previous, pool, carry: computed.carry, rounds, statement,
    files: sortFiles([...files].map(([path, bytes]) => hashedFile(path, bytes))),
  };
  files.set(MANIFEST, encodeJson(toJson(manifest)));
  return { files, manifest, statement, computed };
}
