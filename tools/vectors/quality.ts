/** Vector of a settlement by quality: what it rests on, and everything that follows. What the data tier finds on a holdout is an input, so that other languages need no evaluator. */
import { keccak256, toHex, type Address, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createDomain, columnHash, packScores, toCompactSignature } from "../../protocol/index.ts";
import { encodeReputation, reputationHash, type ReputationTable } from "../../protocol/reputation/table.ts";
import { encodeEvidence, EVIDENCE_FORMAT, sortPoints, type Evidence, type SeatFacts } from "../../protocol/scoring/evidence.ts";
import { settleQuality, type DataOutcome } from "../../protocol/scoring/settle.ts";
import { signTierPoints, type PointsRow } from "../../protocol/scoring/tier-points.ts";
import { encodeWorking } from "../../protocol/scoring/working.ts";
import { defaultTerms, encodeTerms, type PointTier } from "../../protocol/terms/terms.ts";

const CHAIN = 31_337;
const SETTLEMENT: Address = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
const ABOUT = { federation: 1, settlement: 2 } as const;
const issuer = privateKeyToAccount(`0x${"1".padStart(64, "0")}`);
const word = (byte: number): Hex => `0x${byte.toString(16).padStart(2, "0").repeat(32)}`;

/** Seats 0 to 3 train, the first two are one cluster; 4 and 5 are support seats. */
const trains = (contributor: number, cluster = 0): SeatFacts => ({ contributor, organisation: contributor, cluster, dataset: contributor, records: 100 * contributor, labelLevels: [60 * contributor, 0, 40 * contributor] });
const supports = (contributor: number): SeatFacts => ({ contributor, organisation: contributor, cluster: 0, dataset: 0, records: 0, labelLevels: [] });
const SEATS: readonly SeatFacts[] = [trains(1, 9), trains(2, 9), trains(3), trains(4), supports(5), supports(6)];

const ROUNDS = [{ round: 3, seats: [0, 1, 2, 3], weights: [10, 20, 30, 40] }, { round: 4, seats: [0, 2, 3], weights: [10, 30, 0] }];

/** Seat 3's second update repeated another's; the first two seats share what one player got; what is left of 10^9 is nobody's. */
const SHARES = [[0, 210_000_000n], [1, 190_000_000n], [2, 300_000_001n], [3, 150_000_000n]] as const;
const DATA: DataOutcome = {
  startPpm: 610_000, endPpm: 705_000, lambdaPpm: 196_551,
  entries: [
    ...[0, 1, 2, 3].map((seat) => ({ round: 3, seat, reason: null })), { round: 4, seat: 0, reason: null }, { round: 4, seat: 2, reason: null },
    { round: 4, seat: 3, reason: "replayed" as const },
  ],
  clusters: [
    { seats: [0, 1], records: 300, qualityPpm: 300_000, passed: 2, phiPpm: 41_000, competencePpm: 900_000, directionPpm: 12_000, marginalPpb: 90_000_000n, meritPpb: 310_000_000n, sharePpb: 400_000_000n },
    { seats: [2], records: 300, qualityPpm: 300_000, passed: 2, phiPpm: 50_000, competencePpm: 700_000, directionPpm: 15_000, marginalPpb: 106_551_000n, meritPpb: 193_449_001n, sharePpb: 300_000_001n },
    { seats: [3], records: 400, qualityPpm: 300_000, passed: 1, phiPpm: -2_000, competencePpm: 400_000, directionPpm: 1_000, marginalPpb: 0n, meritPpb: 150_000_000n, sharePpb: 150_000_000n },
  ],
  sharesPpb: new Map(SHARES),
};

/** Contributor 4 is known to do harm with its data, contributor 3 to annotate well. */
const REPUTATION: ReputationTable = [
  { contributor: 1, kind: "data", alpha: 1_900_000, beta: 0 },
  { contributor: 3, kind: "annotation", alpha: 5_000_000, beta: 250_000 },
  { contributor: 4, kind: "data", alpha: 0, beta: 9_000_000 },
];

export async function qualityVectors() {
  const domain = createDomain(CHAIN, SETTLEMENT);
  const names = [issuer.address];
  const terms = defaultTerms({
    head: { headLane: 0, features: 4, classes: 3, featureBits: 14 }, issuers: { annotation: names, verification: names, compute: names, feedback: names },
    authors: [{ seat: 2, parts: 1 }, { seat: 4, parts: 2 }],
  });
  const sign = (tier: PointTier, points: readonly PointsRow[]) =>
    signTierPoints(domain, { ...ABOUT, tier, subject: word(0xaa), points }, async (hash) => toCompactSignature(await issuer.sign({ hash })));
  const evidence: Evidence = {
    format: EVIDENCE_FORMAT, version: 1, seats: SEATS, holdout: { kind: "open", commitment: word(7), salt: word(8), records: 30 },
    points: sortPoints([await sign("annotation", [[2, 70n], [3, 20n], [5, 10n]]), await sign("verification", [[2, 5n], [3, 5n]]), await sign("compute", [[5, 50n]])]),
    reports: ROUNDS.map(({ round }) => ({ round, signers: [{ organisation: 5, cluster: 0 }, { organisation: 7, cluster: 0 }] })),
    commendations: [{ organisation: 1, seats: [2, 4] }, { organisation: 4, seats: [4, 5, 6] }], spent: [word(1)],
  };
  const { scores, working, reputation } = settleQuality({ terms, evidence, rounds: ROUNDS, data: DATA, reputation: REPUTATION });
  // The files themselves, as text: their canonical form is a part of what is compared.
  const json = (bytes: Uint8Array) => ({ text: new TextDecoder().decode(bytes), hash: keccak256(bytes) });
  return {
    domain: { chainId: CHAIN, settlement: SETTLEMENT }, ...ABOUT,
    terms: json(encodeTerms(terms)), evidence: json(encodeEvidence(evidence)), rounds: ROUNDS, data: { ...DATA, sharesPpb: SHARES },
    previousReputation: { rows: REPUTATION, bytes: toHex(encodeReputation(REPUTATION)), hash: reputationHash(REPUTATION) },
    working: json(encodeWorking(working)),
    scores: { ...scores, column: toHex(packScores(scores)), hash: columnHash(packScores(scores)) },
    reputation: { rows: reputation, bytes: toHex(encodeReputation(reputation)), hash: reputationHash(reputation) },
  };
}
