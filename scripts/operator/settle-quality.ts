import type { Hash } from "viem";
import type { QualityExpectations } from "../../protocol/bundle/settlement-quality.ts";
import type { SettlementInput } from "../../protocol/bundle/settlement-compute.ts";
import type { LedgerPart } from "../../protocol/ledger/facts.ts";
import { qualityExpectations } from "../../protocol/ledger/quality-expectations.ts";
import { readQuality, type QualityQuestion } from "../../protocol/ledger/read-quality.ts";
import { windowSource } from "../../protocol/ledger/window-source.ts";
import { EVIDENCE_FORMAT, sortPoints, type Evidence } from "../../protocol/scoring/evidence.ts";
import { holdoutCommitment } from "../../protocol/scoring/holdout-commitment.ts";
import { openingOf } from "../../protocol/scoring/holdout-files.ts";
import { readWindow, scoreWindow, windowSeed, type VerifiedRound } from "../../protocol/scoring/score-window.ts";
import type { TierPoints } from "../../protocol/scoring/tier-points.ts";
import type { Holdout } from "../../protocol/scoring/window.ts";
import { termsHash, type Terms } from "../../protocol/terms/terms.ts";
import type { Kernel } from "../chain/kernel.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import type { ArtefactStore } from "../store/index.ts";

/** A holdout that its custodian opens for a settlement. */
export interface RevealedHoldout {
  readonly salt: Hash;
  readonly holdout: Holdout;
}

/** Where operators get what a settlement by quality rests on and the chain does not hold. */
export interface QualitySources {
  readonly terms: Terms;
  /** Points that issuers signed for this settlement. */
  pointsFor(settlement: number): Promise<readonly TierPoints[]>;
  /** A holdout that was committed for this window or earlier and never used; null when there is none, or it is private. */
  reveal(chain: QualityExpectations, firstRound: number): Promise<RevealedHoldout | null>;
}

export interface CollectParameters {
  readonly facts: LedgerPart;
  readonly store: ArtefactStore;
  readonly question: QualityQuestion;
  readonly previous: { readonly artefact: Hash } | null;
  /** Final rounds covered, as their bundles were verified. */
  readonly scored: readonly VerifiedRound[];
}

/** @param expected What every operator compares the proposal with. */
export interface CollectedQuality {
  readonly expected: QualityExpectations;
  readonly quality: NonNullable<SettlementInput["quality"]>;
  readonly holdout: Holdout | null;
}

/** Reads the chain, asks issuers and custodian, and scores the window's data. */
export async function collectQuality(kernel: Kernel, sources: QualitySources, parameters: CollectParameters): Promise<CollectedQuality> {
  const { terms } = sources;
  const { question } = parameters;
  const expected = await expectQuality(kernel, termsHash(terms), parameters);
  const { window } = expected;
  const revealed = await sources.reveal(expected, question.firstRound);
  const evidence: Evidence = {
    format: EVIDENCE_FORMAT, version: 1, seats: expected.seats, holdout: holdoutOf(terms, revealed), points: sortPoints(await sources.pointsFor(question.index)),
    reports: expected.reports, commendations: expected.commendations, spent: expected.spent,
  };
  const data = revealed === null ? null : scoreWindow(terms, evidence, revealed.holdout, await window(), windowSeed(revealed.salt, question.lastReportHash));
  return { expected, quality: { terms, evidence, data, reputation: expected.reputation }, holdout: revealed?.holdout ?? null };
}

/** What the chain says of a settlement by quality, with what it names in the store. @param pinned Hash of the terms in the federation's configuration: the bundle brings the terms. */
export async function expectQuality(kernel: Kernel, pinned: Hash, { facts, store, question, previous, scored }: CollectParameters): Promise<QualityExpectations> {
  const window = () => readWindow(scored, windowSource({ facts, store, hashPairs: nativeHashPairs }));
  const open = (artefact: Hash) => store.open(artefact);
  return qualityExpectations({ facts: await readQuality(kernel, question), termsHash: pinned, previous, open, window });
}

function holdoutOf({ data }: Terms, revealed: RevealedHoldout | null): Evidence["holdout"] {
  if (revealed === null) return { kind: data.holdout === "private" ? "private" : "none" };
  const opening = openingOf(revealed.salt, revealed.holdout, data.head.features, nativeHashPairs);
  return { kind: "open", commitment: holdoutCommitment(opening), salt: revealed.salt, records: opening.records };
}
