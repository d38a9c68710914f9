// A model of two rounds: one seat dropped, one excluded, one dataset withdrawn.
import type { CardDataset, ModelFacts } from "../../../protocol/cards/model-facts.ts";
import type { FederationConfig } from "../../../protocol/eip712/structs.ts";

const hash = (byte: string): `0x${string}` => `0x${byte.repeat(32)}`;

const config: FederationConfig = {
  ruleId: 1, ruleParam: 0n, scoringId: 1, privacyMode: 0, elementWidth: 2, hasBase: true, depth: 1, modelSpecRoot: hash("01"), termsHash: hash("02"), recordsPerWeight: 1, maxSeats: 8,
  minContributors: 2, maxExcludedBps: 0, rhoPerRound: 1_000_000, normSqBound: 0n, forceWindow: 1, reportWindow: 9, challengeWindow: 9, maxAttempts: 3, settleEvery: 2, poolPerRound: 5n, finality: 0, approvalWindow: 0,
};

export function dataset(number: number, licence: string, changed: Partial<CardDataset> = {}): CardDataset {
  return {
    dataset: number, custodian: 10 + number, status: "Approved", withdrawnAt: null, heldUntil: null, exempt: false, cap: 5_000_000n, spent: 3_000_000n, spentHere: 2_000_000n,
    terms: [{ version: 1, card: hash("0c"), licence, legalBasis: "public interest", ethicsApproval: "EK 1/2026", ethicsExpiry: 1_900_000_000n, consentVersion: 2, records: 120 }],
    words: { title: `Data ${number}`, institution: `Hospital ${number}`, source: `https://huggingface.co/datasets/example/data-${number}`, tasks: "image-classification", purpose: "research", limits: "one device" },
    ...changed,
  };
}

export const FACTS: ModelFacts = {
  chainId: 31_337, ledger: "0x5FbDB2315678afecb367f032d93F642f64180aa3", federation: 1, round: 2, lastChange: 42n, config, configHash: hash("03"), parameters: 210, genesis: hash("04"),
  state: "Final", reportHash: hash("05"), metricsHash: hash("06"), modelRoot: hash("07"), artefact: hash("08"),
  evaluation: { headLane: 0, features: 34, classes: 6, featureBits: 14, records: 90, correct: 81, holdoutRoot: hash("09"), labelsHash: hash("0a"), predictionsHash: hash("0b"), balancedPpm: 876_543 },
  lineage: [
    { round: 1, state: "Final", reportHash: hash("0d"), artefact: hash("0e"), entries: [{ seat: 0, weight: 10, dropped: null, excluded: false }, { seat: 1, weight: 0, dropped: "ethics-expired", excluded: false }, { seat: 2, weight: 5, dropped: null, excluded: true }] },
    { round: 2, state: "Final", reportHash: hash("05"), artefact: hash("08"), entries: [{ seat: 0, weight: 10, dropped: null, excluded: false }, { seat: 1, weight: 20, dropped: null, excluded: false }] },
  ],
  seats: [{ seat: 0, contributor: 1, organisation: 11, dataset: 1 }, { seat: 1, contributor: 2, organisation: 12, dataset: 2 }, { seat: 2, contributor: 3, organisation: 13, dataset: 3 }],
  datasets: [dataset(1, "CC-BY-4.0"), dataset(2, "CC-BY-NC-4.0", { status: "Retired", withdrawnAt: 41n })],
  audit: { checked: 177, findings: [] }, delta: 1e-5, page: "https://chongwen.example/",
};
