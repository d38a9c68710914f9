/** A settlement by quality of two small rounds: four hospitals, two support seats, an open holdout. */
import { getAddress, type Address, type Hex } from "viem";
import {
  aggregate, buildSettlementBundle, mapReader, statementHash, updateRoot, verifySettlementBundle, wasmHashPairs, type SettledRound, type SettlementBundle, type SettlementBundleInput, type SettlementExpectations,
} from "../../../protocol/index.ts";
import type { QualityExpectations } from "../../../protocol/bundle/settlement-quality.ts";
import { EVIDENCE_FORMAT, sortPoints, type Evidence, type SeatFacts } from "../../../protocol/scoring/evidence.ts";
import { holdoutCommitment } from "../../../protocol/scoring/holdout-commitment.ts";
import { openingOf } from "../../../protocol/scoring/holdout-files.ts";
import { readWindow, scoreWindow, windowSeed, type VerifiedRound, type WindowSource } from "../../../protocol/scoring/score-window.ts";
import type { Holdout } from "../../../protocol/scoring/window.ts";
import { termsHash, type Terms } from "../../../protocol/terms/terms.ts";
import { ARTEFACT } from "../support/round.ts";
import { DOMAIN, HEAD, SETTLEMENT, signed, terms, word } from "./support.ts";

const LANES = (HEAD.features + 1) * HEAD.classes;
export const SALT = word(0x5a);
export const POOL = 2_000n * 10n ** 18n;
const VAULT: Address = "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9";

/** Feature c tells class c; the last feature tells nothing. */
export const HOLDOUT: Holdout = {
  values: Int16Array.from({ length: 30 * HEAD.features }, (_, at) => {
    const [record, feature] = [Math.floor(at / HEAD.features), at % HEAD.features];
    return feature === record % 3 ? 12_000 + 40 * record : 1_000 + ((record * 37 + feature * 911) % 4_000);
  }),
  targets: Uint8Array.from({ length: 30 }, (_, record) => record % 3),
  strata: null,
  stratumOf: new Map(),
};

/** An update that learns the classes as far as `skill`, one of them first, with a little of its own. */
export function update(seat: number, round: number, skill: number): Int16Array {
  return Int16Array.from({ length: LANES }, (_, lane) => {
    const [feature, c] = [Math.floor(lane / HEAD.classes), lane % HEAD.classes];
    const pace = (seat + (round - 1) / 2) % 3 === c ? 3 : 1;
    return (feature === c ? pace * skill : feature < 3 ? (-pace * skill) / 2 : 0) + (((seat * 31 + round * 17 + lane * (7 + seat)) % 23) - 11) * 4;
  });
}

/** Seat 3 answers with the classes turned round. */
const SKILLS = [300, 260, 220, -300];
const UPDATES = new Map([1, 3].map((round) => [round, new Map(SKILLS.map((skill, seat) => [seat, update(seat, round, skill)]))]));
const WEIGHTS = [10, 20, 30, 10];
export const ROUNDS: readonly SettledRound[] = [
  { round: 1, state: "Final", reportHash: word(0x11), artefact: word(0xa1) },
  { round: 2, state: "Void", reportHash: word(0), artefact: word(0) },
  { round: 3, state: "Final", reportHash: word(0x33), artefact: word(0xa3) },
];
export const SCORED: readonly VerifiedRound[] = [1, 3].map((round) => ({
  round, parentRound: round === 1 ? 0 : 1, seats: [0, 1, 2, 3], weights: WEIGHTS, roots: [0, 1, 2, 3].map((seat) => updateRoot(UPDATES.get(round)!.get(seat)!, wasmHashPairs)),
}));
const MODELS = new Map<number, Int32Array>([[0, new Int32Array(LANES)]]);
for (const { round, parentRound } of SCORED) MODELS.set(round, aggregate(1, 0n, MODELS.get(parentRound)!, [...UPDATES.get(round)!.values()], WEIGHTS));

export const SOURCE: WindowSource = {
  modelOf: async (round) => MODELS.get(round)!,
  updatesOf: async ({ round }) => UPDATES.get(round)!,
  rootsOf: async (round) => SCORED.find((scored) => scored.round === round)!.roots,
  parentOf: () => 0,
};

const seat = (contributor: number, change: Partial<SeatFacts> = {}): SeatFacts => ({ contributor, organisation: contributor, cluster: 0, dataset: contributor, records: 100, labelLevels: [0, 0, 50, 0, 50], ...change });
const support = (contributor: number): SeatFacts => seat(contributor, { dataset: 0, records: 0, labelLevels: [] });
export const SEATS: readonly SeatFacts[] = [seat(1), seat(2), seat(3), seat(4), support(5), support(6)];
const PAYEES = SEATS.map((_, i) => getAddress(`0x${(i + 16).toString(16).padStart(40, "0")}`));

export const OPEN = { kind: "open", commitment: holdoutCommitment(openingOf(SALT, HOLDOUT, HEAD.features)), salt: SALT, records: 30 } as const;
const usual = terms({ authors: [{ seat: 4, parts: 1 }] });
/** A model of fifteen lanes is too small for the gates that tell noise and replays. */
export const TERMS: Terms = { ...usual, data: { ...usual.data, coherencePpm: 0, replayCosinePpm: 1_000_000 } };

export async function evidenceOf(change: Partial<Evidence> = {}): Promise<Evidence> {
  return {
    format: EVIDENCE_FORMAT, version: 1, seats: SEATS, holdout: OPEN, points: sortPoints([await signed("annotation", [[1, 30n], [5, 10n]]), await signed("feedback", [[4, 2n]])]),
    reports: [{ round: 1, signers: [{ organisation: 5, cluster: 0 }] }, { round: 3, signers: [{ organisation: 5, cluster: 0 }, { organisation: 7, cluster: 0 }] }],
    commendations: [{ organisation: 1, seats: [2, 4] }], spent: [word(1)], ...change,
  };
}

/** What the chain says. */
export function facts(evidence: Evidence): QualityExpectations {
  const { seats, reports, commendations, spent } = evidence;
  return { termsHash: termsHash(TERMS), seats, reports, commendations, spent, holdouts: [{ commitment: OPEN.commitment, fromRound: 1 }], reputation: [], window: () => readWindow(SCORED, SOURCE) };
}

export interface Made {
  readonly bundle: SettlementBundle;
  readonly expected: SettlementExpectations;
}

/** A bundle, and what a verifier expects of it. @param chain What the chain says, when the evidence is not what it says. */
export async function make(evidence: Evidence, chain: Partial<QualityExpectations> = {}, input: Partial<SettlementBundleInput> = {}): Promise<Made> {
  const lastReportHash: Hex = word(0x33);
  const data = evidence.holdout.kind === "open" ? scoreWindow(TERMS, evidence, HOLDOUT, await readWindow(SCORED, SOURCE), windowSeed(evidence.holdout.salt, lastReportHash)) : null;
  const whole: SettlementBundleInput = {
    domain: { chainId: DOMAIN.chainId, vault: VAULT, federation: 1 }, settlement: SETTLEMENT, index: 1, attempt: 0, scoringId: 2, pool: POOL, scored: SCORED, payees: PAYEES,
    previousMembers: new Uint8Array(0), rounds: ROUNDS, previous: null, quality: { terms: TERMS, evidence, data, reputation: [] }, holdout: evidence.holdout.kind === "open" ? HOLDOUT : null, ...input,
  };
  const bundle = await buildSettlementBundle(whole);
  return { bundle, expected: { ...expectedOf(whole, bundle), quality: { ...facts(await evidenceOf()), ...chain } } };
}

const expectedOf = ({ domain, settlement, scoringId, index, pool, previous, rounds, payees }: SettlementBundleInput, bundle: SettlementBundle): SettlementExpectations => ({
  ...domain, settlement, scoringId, index, pool, previous, rounds, payees, statementHash: statementHash({ ...bundle.statement, artefact: ARTEFACT }), artefact: ARTEFACT,
});

export const verify = ({ bundle, expected }: Made, files: ReadonlyMap<string, Uint8Array> = bundle.files) => verifySettlementBundle(mapReader(files), expected, SCORED, new Uint8Array(0));

/** Names of what failed, each once. */
export async function failures(made: Made, files?: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  const { checks } = await verify(made, files);
  return [...new Set(checks.filter(({ ok }) => !ok).map(({ name }) => name))];
}
