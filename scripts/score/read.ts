/** The files of a settlement that an audit has just recomputed, read once more to be shown. */
import { COLUMN_WIDTHS, unpackUints } from "../../protocol/columns.ts";
import { readFile, type BundleReader } from "../../protocol/bundle/reader.ts";
import { readSettlementManifest, SETTLEMENT_FILES } from "../../protocol/bundle/settlement-manifest.ts";
import { createDomain } from "../../protocol/eip712/hash.ts";
import { recoverSigner } from "../../protocol/eip712/signature.ts";
import { decodeReputation, MAX_REPUTATION_ROWS, REPUTATION_ROW_BYTES } from "../../protocol/reputation/table.ts";
import { QUALITY_V1 } from "../../protocol/rewards/scoring.ts";
import { readCarry } from "../../protocol/scoring/carry.ts";
import { decodeEvidence, EVIDENCE_LIMIT } from "../../protocol/scoring/evidence.ts";
import { tierPointsStatement } from "../../protocol/scoring/tier-points.ts";
import { decodeWorking, QUALITY_FILES, WORKING_LIMIT } from "../../protocol/scoring/working.ts";
import { decodeTerms, TERMS_LIMIT } from "../../protocol/terms/terms.ts";
import { viewQuality, viewSize, type Issued, type QualityView, type SizeView } from "./view.ts";

/** @param open Opens an artefact by its digest. @throws what `open` throws, and as `readCarry` */
export async function readScores(open: (artefact: `0x${string}`) => Promise<BundleReader>, artefact: `0x${string}`): Promise<QualityView | SizeView> {
  const reader = await open(artefact);
  const { chainId, settlement, scoringId, seatCount, pool, previous } = await readSettlementManifest(reader);
  const column = async (name: "scores" | "entitlements") =>
    unpackUints(await readFile(reader, SETTLEMENT_FILES[name], (seatCount + 1) * COLUMN_WIDTHS[name]), COLUMN_WIDTHS[name]);
  const settled = { pool, scores: await column("scores"), amounts: await column("entitlements") };
  if (scoringId !== QUALITY_V1) return viewSize(settled);
  const terms = decodeTerms(await readFile(reader, QUALITY_FILES.terms, TERMS_LIMIT + 1));
  const evidence = decodeEvidence(await readFile(reader, QUALITY_FILES.evidence, EVIDENCE_LIMIT + 1));
  const working = decodeWorking(await readFile(reader, QUALITY_FILES.working, WORKING_LIMIT + 1));
  const after = decodeReputation(await readFile(reader, QUALITY_FILES.reputation, MAX_REPUTATION_ROWS * REPUTATION_ROW_BYTES + 1));
  const domain = createDomain(chainId, settlement);
  const issued = await Promise.all(
    evidence.points.map(async ({ statement, points, signature }): Promise<Issued> => ({
      tier: statement.tier, subject: statement.subject, points, issuer: await recoverSigner(tierPointsStatement.digest(domain, statement), signature),
    })),
  );
  const { reputation: before } = await readCarry(open, previous);
  return viewQuality({ terms, evidence, working, issued, before, after }, settled);
}
