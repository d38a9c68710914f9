// What the recorded chain of test/protocol/proofs proves, against facts that say the same, and against facts that say something else.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Hex } from "viem";
import { createLedgerbook, type Finding } from "../../../protocol/audit/findings.ts";
import { compareProven } from "../../../protocol/dossier/compare.ts";
import { decodeProofs, encodeProofs, questionOf } from "../../../protocol/dossier/proofs.ts";
import type { LedgerFacts } from "../../../protocol/ledger/facts.ts";
import { proveLedger, type ProvenLedger } from "../../../protocol/proofs/ledger.ts";
import { deployment, header, proofs, question, recorded } from "../proofs/support.ts";

const ZERO: Hex = `0x${"00".repeat(32)}`;

describe("facts against proofs", () => {
  let proven: ProvenLedger;
  let honest: LedgerFacts;
  before(async () => {
    const kept = decodeProofs(encodeProofs({ header, accounts: proofs() }));
    proven = await proveLedger(kept.header, deployment, question, kept.accounts);
    const report = (hash: Hex) => ({ reportHash: hash, modelRoot: ZERO, metricsHash: ZERO, excluded: 0n, artefact: ZERO, deadline: 0 });
    const rounds = [...proven.rounds].filter(([round, { state }]) => round > 0 && state !== "None").map(([round, { attempt, parentRound, entries, accepted, hash }]) => ({
      round, state: "Final" as const, attempt, parentRound, configHash: ZERO, entries, accepted, seats: [], report: report(hash),
    }));
    const { statementHash, rewardsRoot, settledThrough, nextIndex } = proven.settlement;
    const settlement = { state: "Final" as const, pool: 0n, distributed: 0n, total: 0n, artefact: ZERO, deadline: 0, payees: [] };
    honest = {
      format: "chongwen-ledger", version: 1, asOf: { block: header.number, timestamp: Number(header.timestamp) }, deployment, federation: question.federation,
      genesis: { configHash: ZERO, reportHash: proven.rounds.get(0)?.hash ?? ZERO, modelRoot: ZERO, artefact: ZERO }, rounds,
      settlements: [{ ...settlement, index: 1, firstRound: 1, lastRound: 2, statementHash: ZERO, rewardsRoot: ZERO }, { ...settlement, index: nextIndex - 1, firstRound: 3, lastRound: settledThrough, statementHash, rewardsRoot }],
      vault: recorded.vault, rewardsRoot, credited: BigInt(recorded.said.credited), points: null, freezes: null, claims: [], datasets: [],
    };
  });
  const findings = (change: (facts: LedgerFacts) => void = () => undefined): readonly Finding[] => {
    const facts = structuredClone(honest);
    change(facts);
    const book = createLedgerbook();
    compareProven(book, facts, header, proven);
    return book.findings;
  };
  const first = (change: (facts: LedgerFacts) => void): string => `${findings(change)[0]?.entry}: ${findings(change)[0]?.message}`;

  it("agrees with facts that say what the slots hold", () => {
    assert.deepEqual(findings(), []);
    assert.deepEqual(questionOf(honest).rounds, [0, 1, 2, 3, 4]);
  });

  it("names the entry of which the facts say something else", () => {
    const round = (change: (round: LedgerFacts["rounds"][number]) => void) => (facts: LedgerFacts) => facts.rounds.slice(1, 2).forEach(change);
    const last = (change: (settlement: LedgerFacts["settlements"][number]) => void) => (facts: LedgerFacts) => facts.settlements.slice(-1).forEach(change);
    assert.match(first(round((entry) => (entry.state = "Void"))), /^round 2: proven state is Void, expected Final/);
    assert.match(first(round((entry) => entry.report && (entry.report.reportHash = ZERO))), /^round 2: proven report hash/);
    assert.match(first(round((entry) => (entry.report = null))), /^round 2: proven report hash is none/);
    for (const field of ["attempt", "parentRound", "entries", "accepted"] as const) assert.match(first(round((entry) => (entry[field] += 1))), /^round 2: proven/, field);
    assert.match(first((facts) => (facts.genesis.reportHash = ZERO)), /^genesis: proven hash/);
    assert.match(first((facts) => void facts.rounds.pop()), /^ledger: proven number of rounds is 3, expected 4/);
    assert.match(first((facts) => void facts.settlements.pop()), /^ledger: proven last settlement is 1, expected 2/);
    assert.match(first((facts) => (facts.settlements = [])), /^ledger: proven last settlement is none/);
    assert.match(first(last((entry) => (entry.state = "Proposed"))), /^ledger: proven settlements under way is 1, expected 0/);
    for (const field of ["statementHash", "rewardsRoot"] as const) assert.match(first(last((entry) => (entry[field] = ZERO))), /^settlement 2: proven/, field);
    assert.match(first(last((entry) => (entry.lastRound = 3))), /^settlement 2: proven last round/);
    assert.match(first((facts) => (facts.rewardsRoot = ZERO)), /^vault: proven rewards root/);
    assert.match(first((facts) => (facts.deployment.codeHashes = { rounds: ZERO })), /^ledger: proven code of rounds/);
    assert.match(first((facts) => (facts.credited += 1n)), /^vault: proven credited/);
    assert.match(first((facts) => (facts.asOf.block += 1n)), /^ledger: proven block/);
    assert.match(first((facts) => (facts.asOf.timestamp += 1)), /^ledger: proven time/);
  });
});
