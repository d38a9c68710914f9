// What each operator signed, and what became of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address } from "viem";
import { operatorRecords } from "../../frontend/src/pages/operators/record.ts";
import type { OperatorEvent, SettlementEvent } from "../../frontend/src/pages/operators/record.ts";
import { evidenceOf, tellDemands, tellFaults } from "../../frontend/src/pages/rounds/fault-story.ts";
import type { DemandEvent } from "../../frontend/src/pages/rounds/fault-story.ts";
import { traceRounds } from "../../frontend/src/rounds/trace.ts";
import type { RoundEvent } from "../../frontend/src/rounds/trace.ts";

const person = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const [a, b, c, d] = [person(1), person(2), person(3), person(4)];
let at = 0;
function log<Event>(eventName: string, args: object, transaction?: string): Event {
  at += 1;
  return { eventName, args: { federation: 1, ...args }, blockNumber: BigInt(at), logIndex: 0, transactionHash: transaction ?? `0x${at}` } as unknown as Event;
}
const operator = (name: string, args: object): OperatorEvent => log<OperatorEvent>(name, args);
const round = (name: string, number: number, args: object, transaction?: string): RoundEvent => log<RoundEvent>(name, { round: number, ...args }, transaction);
const settlement = (name: string, args: object): SettlementEvent => log<SettlementEvent>(name, { index: 1, ...args });
const admitted = [a, b, c, d].map((each, i) => operator("OperatorAdmitted", { operator: each, organisation: i + 1 }));
const epoch = operator("EpochFormed", { epoch: 1, operators: [a, b, c, d], threshold: 3, roundUnits: 64, settlementUnits: 4 });
const report = { reportHash: "0x1", report: { modelRoot: "0x", metricsHash: "0x", excluded: 0n, artefact: "0x" }, deadline: 1n };
const seal = (number: number, signers = 0b0111): RoundEvent => round("RoundSealed", number, { attempt: 0, parentRound: 0, sealHash: "0x", weightsHash: "0x", signers });
const reported = (number: number, signers = 0b1110): RoundEvent => round("RoundReported", number, { attempt: 0, ...report, signers });
const figures = (operators: readonly OperatorEvent[], rounds: readonly RoundEvent[], settlements: readonly SettlementEvent[] = []) =>
  operatorRecords(operators, rounds, settlements).map(({ signed, final, overturned, waiting }) => [signed, final, overturned, waiting]);

describe("an operator's record", () => {
  it("counts seals, reports and settlements under the names that the bitmaps give", () => {
    const rounds = [seal(1), reported(1), round("RoundFinalised", 1, { reportHash: "0x1" }), seal(2)];
    const paid = [settlement("SettlementProposed", { signers: 0b0001 }), settlement("SettlementFinalised", {})];
    assert.deepEqual(figures([...admitted, epoch], rounds, paid), [[3, 2, 0, 1], [3, 2, 0, 1], [3, 2, 0, 1], [1, 1, 0, 0]]);
  });

  it("holds a wrong report against its reporters alone, and a wrong seal against its sealers alone", () => {
    const wrongReport = [seal(1), reported(1), round("FaultProven", 1, { attempt: 0, kind: 1, challenger: a, liable: 0b1110 })];
    assert.deepEqual(figures([...admitted, epoch], wrongReport), [[1, 0, 0, 1], [2, 0, 1, 1], [2, 0, 1, 1], [1, 0, 1, 0]]);
    const wrongSeal = [seal(1), reported(1), round("FaultProven", 1, { attempt: 0, kind: 2, challenger: a, liable: 0b0111 })];
    assert.deepEqual(figures([...admitted, epoch], wrongSeal), [[1, 0, 1, 0], [2, 0, 1, 0], [2, 0, 1, 0], [1, 0, 0, 0]], "who reported a wrong seal could not know");
  });

  it("holds a timeout and a change of consent against nobody", () => {
    assert.deepEqual(figures([...admitted, epoch], [seal(1), round("RoundVoided", 1, { reason: 1 }), seal(2), round("RoundReopened", 2, { attempt: 0 })])[0], [2, 0, 0, 0]);
  });

  it("reads a bitmap over the epoch that was in force, not over a later one", () => {
    const first = [...admitted, epoch];
    const early = seal(1, 0b0001);
    const later = operator("EpochFormed", { epoch: 2, operators: [d, c, b, a], threshold: 3, roundUnits: 64, settlementUnits: 4 });
    assert.deepEqual(figures([...first, later], [early, seal(2, 0b0001)]).map(([signed]) => signed), [1, 0, 0, 1]);
  });

  it("adds up what was slashed, and remembers who was removed", () => {
    const events = [...admitted, epoch, operator("Slashed", { evidence: "0x1", epoch: 1, signers: 0b1010, challenger: a, taken: [5n, 7n], toChallenger: 0n, toPool: 0n, burnt: 0n }), operator("OperatorRemoved", { operator: d })];
    assert.deepEqual(operatorRecords(events, [], []).map(({ slashed, admitted }) => [slashed, admitted]), [[0n, true], [5n, true], [0n, true], [7n, false]]);
  });
});

describe("the story of a fault", () => {
  const rounds = person(9);
  const events = [seal(1), reported(1), round("FaultProven", 1, { attempt: 0, kind: 1, challenger: c, liable: 0b0011 }, "0xfa")];
  const [trace] = traceRounds(events, 1);

  it("names who proved it, which contract took it, who lost what, and where the round went", () => {
    const evidence = evidenceOf(rounds, 1, 1, { attempt: 0, kind: "report" });
    const slashed = log<never>("Slashed", { evidence, epoch: 1, signers: 0b0011, challenger: c, taken: [10n, 20n], toChallenger: 12n, toPool: 12n, burnt: 6n });
    const won = log<never>("DisputeWon", { round: 1, verifier: d }, "0xfa");
    const [story] = tellFaults(trace!, { rounds, federation: 1, won: [won], slashed: [slashed], bondSlashed: [], signersOf: () => [a, b] });
    assert.deepEqual([story?.verifier, story?.losses, story?.toChallenger, story?.fault.challenger, story?.fault.next], [d, [{ signer: a, amount: 10n }, { signer: b, amount: 20n }], 12n, c, "sealed"]);
  });

  it("takes another fault's slash for no evidence of this one", () => {
    const other = log<never>("Slashed", { evidence: evidenceOf(rounds, 1, 1, { attempt: 0, kind: "seal" }), epoch: 1, signers: 1, challenger: c, taken: [10n], toChallenger: 1n, toPool: 1n, burnt: 1n });
    const [story] = tellFaults(trace!, { rounds, federation: 1, won: [], slashed: [other], bondSlashed: [], signersOf: () => [a] });
    assert.deepEqual([story?.losses, story?.verifier], [[], undefined]);
  });

  it("finds the bond of who reported alone", () => {
    const bond = log<never>("BondSlashed", { round: 1, attempt: 0, reporter: a, challenger: c, toChallenger: 4n, toPool: 4n, burnt: 2n });
    const [story] = tellFaults(trace!, { rounds, federation: 1, won: [], slashed: [], bondSlashed: [bond], signersOf: () => [] });
    assert.deepEqual(story?.losses, [{ signer: a, amount: 10n }]);
  });

  it("follows each demand to its end, and only those of the round", () => {
    const demand = (name: string, id: string, args: object = {}): DemandEvent => log<DemandEvent>(name, { id, ...args });
    const stories = tellDemands(
      [demand("DataDemanded", "0x1", { round: 1, attempt: 0, demander: a }), demand("DataDemanded", "0x2", { round: 1, attempt: 0, demander: b }), demand("DataDemanded", "0x3", { round: 2, attempt: 0, demander: b }), demand("DataAnswered", "0x1"), demand("DepositReturned", "0x1"), demand("DemandExpired", "0x3")],
      1,
      1,
    );
    assert.deepEqual(stories.map(({ id, fate }) => [id, fate]), [["0x1", "answered"], ["0x2", "open"]]);
  });
});
