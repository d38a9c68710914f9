import type { Address, Hex } from "viem";
import { protocolError } from "../errors.ts";
import type { SettlementStatement } from "../eip712/structs.ts";
import { encodeJson } from "./canonical-json.ts";
import { hashedFile, MANIFEST, sortFiles } from "./files.ts";
import type { Unplaced } from "./round-manifest.ts";
import { type ComputedSettlement, computeSettlement, type SettlementInput } from "./settlement-compute.ts";
import { SETTLEMENT_FILES, SETTLEMENT_FORMAT, type SettledRound, type SettlementManifest } from "./settlement-manifest.ts";
import { toJson } from "./struct-json.ts";

/** @param rounds Every round since the last settlement, ascending, final or void; the last final one is pinned. */
export interface SettlementBundleInput extends SettlementInput {
  readonly settlement: Address;
  readonly index: number;
  readonly attempt: number;
  readonly rounds: readonly SettledRound[];
  readonly previous: { readonly index: number; readonly artefact: Hex } | null;
}

/** @param statement Still without `artefact`: store the files, then add the digest of their directory. */
export interface SettlementBundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly manifest: SettlementManifest;
  readonly statement: Unplaced<SettlementStatement>;
  readonly computed: ComputedSettlement;
}

/** Computes a settlement and writes its canonical bundle. @throws rule-unknown, length-mismatch, out-of-range, column-invalid */
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
  const files = new Map<string, Uint8Array>(
    (Object.keys(SETTLEMENT_FILES) as (keyof typeof SETTLEMENT_FILES)[]).map((name) => [SETTLEMENT_FILES[name], computed.columns[name]]),
  );
  const manifest: SettlementManifest = {
    format: SETTLEMENT_FORMAT, version: 1, chainId: domain.chainId, settlement, vault: domain.vault, federation: domain.federation,
    scoringId, seatCount: input.payees.length, previous, pool, carry: computed.carry, rounds, statement,
    files: sortFiles([...files].map(([path, bytes]) => hashedFile(path, bytes))),
  };
  files.set(MANIFEST, encodeJson(toJson(manifest)));
  return { files, manifest, statement, computed };
}
