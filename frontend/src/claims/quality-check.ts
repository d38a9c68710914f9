/** A settlement by `quality-v1`, checked as far as a page can without the updates themselves: everything but the judgement of the data on its holdout. Pure. */
import { keccak256 } from "viem/utils";
import type { Address, Hex } from "viem";
import { columnHash } from "../../../protocol/columns.ts";
import { createDomain } from "../../../protocol/eip712/hash.ts";
import { recoverSigner } from "../../../protocol/eip712/signature.ts";
import { encodeReputation } from "../../../protocol/reputation/table.ts";
import type { ReputationTable } from "../../../protocol/reputation/table.ts";
import { packScores } from "../../../protocol/rewards/scores.ts";
import type { ScoredRound } from "../../../protocol/rewards/scoring.ts";
import { decodeEvidence } from "../../../protocol/scoring/evidence.ts";
import type { Evidence } from "../../../protocol/scoring/evidence.ts";
import { settleQuality } from "../../../protocol/scoring/settle.ts";
import { tierPointsProblem, tierPointsStatement } from "../../../protocol/scoring/tier-points.ts";
import type { TierPoints } from "../../../protocol/scoring/tier-points.ts";
import { decodeWorking, encodeWorking, QUALITY_FILES } from "../../../protocol/scoring/working.ts";
import type { Working } from "../../../protocol/scoring/working.ts";
import { decodeTerms } from "../../../protocol/terms/terms.ts";
import type { PointTier, Terms } from "../../../protocol/terms/terms.ts";

/** Points, and who signed for them. */
export interface Issued {
  readonly tier: PointTier;
  readonly subject: Hex;
  readonly signer: Address;
}

export interface QualityFacts {
  readonly terms: Terms;
  readonly evidence: Evidence;
  readonly working: Working;
  readonly issued: readonly Issued[];
  readonly reputation: { readonly before: ReputationTable; readonly after: ReputationTable };
}

/** Which of them is not what the ledger pins, or does not follow from the others. */
export type QualityMismatch = "terms" | "points" | "working" | "scores" | "reputation" | "unreadable";
export type QualityCheck = { readonly kind: "checked"; readonly facts: QualityFacts } | { readonly kind: "mismatch"; readonly what: QualityMismatch };

/** @param files Of the settlement's artefact, whose digest was compared. @param reputation That of the settlement before. @param scoresHash What the operators signed. */
export interface QualityInput {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly chainId: number;
  readonly settlement: Address;
  readonly federation: number;
  readonly index: number;
  readonly termsHash: Hex;
  readonly scoresHash: Hex;
  readonly rounds: readonly ScoredRound[];
  readonly reputation: ReputationTable;
}

const wrong = (what: QualityMismatch): QualityCheck => ({ kind: "mismatch", what });

export async function checkQualityFiles(input: QualityInput): Promise<QualityCheck> {
  try {
    return await check(input);
  } catch {
    // A file that is missing, malformed, or says what cannot be computed.
    return wrong("unreadable");
  }
}

async function check({ files, chainId, settlement, federation, index, termsHash, scoresHash, rounds, reputation }: QualityInput): Promise<QualityCheck> {
  const [termsFile, evidenceFile, workingFile, reputationFile] = [QUALITY_FILES.terms, QUALITY_FILES.evidence, QUALITY_FILES.working, QUALITY_FILES.reputation].map((path) => files.get(path));
  if (termsFile === undefined || evidenceFile === undefined || workingFile === undefined || reputationFile === undefined) return wrong("unreadable");
  if (keccak256(termsFile) !== termsHash) return wrong("terms");
  const terms = decodeTerms(termsFile);
  const evidence = decodeEvidence(evidenceFile);
  const stated = decodeWorking(workingFile);
  const domain = createDomain(chainId, settlement);
  const context = { domain, federation, settlement: index, seatCount: evidence.seats.length, issuers: terms.issuers };
  const problems = await Promise.all(evidence.points.map((points) => tierPointsProblem(points, context)));
  if (problems.some((problem) => problem !== null)) return wrong("points");

  const due = settleQuality({ terms, evidence, rounds, data: outcomeOf(stated), reputation });
  if (!sameBytes(encodeWorking(due.working), workingFile)) return wrong("working");
  if (columnHash(packScores(due.scores)) !== scoresHash) return wrong("scores");
  if (!sameBytes(encodeReputation(due.reputation), reputationFile)) return wrong("reputation");
  const issued = await Promise.all(evidence.points.map((points) => issuedBy(points, (statement) => tierPointsStatement.digest(domain, statement))));
  return { kind: "checked", facts: { terms, evidence, working: stated, issued, reputation: { before: reputation, after: due.reputation } } };
}

/** What the holdout said, as it was published: the one part that a page takes over, and the verify page recomputes. */
function outcomeOf({ data, tiers }: Working) {
  if (data === null) return null;
  const points = tiers.find(({ tier }) => tier === "data")?.points ?? [];
  return { ...data, sharesPpb: new Map(points.map((share, seat) => [seat, share])) };
}

async function issuedBy({ statement, signature }: TierPoints, digestOf: (statement: TierPoints["statement"]) => Hex): Promise<Issued> {
  return { tier: statement.tier, subject: statement.subject, signer: await recoverSigner(digestOf(statement), signature) };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
