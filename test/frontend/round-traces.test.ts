// What became of rounds: events, seals and seats put together.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeFunctionData } from "viem";
import { columnHash, packUints } from "../../protocol/columns.ts";
import { roundsAbi } from "../../protocol/abi/index.ts";
import { datasetsIn, decodeSeal, sealedSet } from "../../frontend/src/rounds/entries.ts";
import { droppedIn, traceSeats, weightAt } from "../../frontend/src/rounds/seats.ts";
import type { SeatEvent } from "../../frontend/src/rounds/seats.ts";
import { tombstonesOf } from "../../protocol/ledger/tombstones.ts";
import { currentReport, currentSeal, roundsToTip, traceRounds } from "../../frontend/src/rounds/trace.ts";
import type { RoundEvent } from "../../frontend/src/rounds/trace.ts";

const hash = (n: number): `0x${string}` => `0x${n.toString(16).padStart(64, "0")}`;
let at = 0;
function log(eventName: string, args: object, transaction = 0): { eventName: string; args: object; blockNumber: bigint; logIndex: number; transactionHash: `0x${string}` } {
  at += 1;
  return { eventName, args: { federation: 1, ...args }, blockNumber: BigInt(at), logIndex: 0, transactionHash: hash(transaction === 0 ? at : transaction) };
}
const round = (name: RoundEvent["eventName"], args: object, transaction = 0): RoundEvent => log(name, args, transaction) as unknown as RoundEvent;
const seat = (name: SeatEvent["eventName"], args: object, transaction = 0): SeatEvent => log(name, args, transaction) as unknown as SeatEvent;
const sealed = (number: number, parentRound: number, attempt = 0, extra: object = {}): RoundEvent =>
  round("RoundSealed", { round: number, attempt, parentRound, sealHash: hash(7), weightsHash: hash(8), signers: 7, ...extra });
const reported = (number: number, attempt = 0, excluded = 0n): RoundEvent =>
  round("RoundReported", { round: number, attempt, reportHash: hash(100 + number), report: { modelRoot: hash(1), metricsHash: hash(2), excluded, artefact: hash(3) }, signers: 11, deadline: 9n });

describe("a round's trace", () => {
  it("follows a report that was overturned, reported again and made final", () => {
    const [trace] = traceRounds([sealed(1, 0), reported(1), round("FaultProven", { round: 1, attempt: 0, kind: 1, challenger: "0xc", liable: 11 }), reported(1, 1), round("RoundFinalised", { round: 1, reportHash: hash(101) })], 1);
    assert.ok(trace !== undefined);
    assert.deepEqual([trace.state, trace.reports.length, trace.faults[0]?.kind, trace.faults[0]?.next, currentReport(trace)?.attempt, currentSeal(trace)?.parent], ["final", 2, "report", "sealed", 1, 0]);
  });

  it("sends a wrong seal back to open, where nobody is in it", () => {
    const [trace] = traceRounds([sealed(1, 0), round("FaultProven", { round: 1, attempt: 0, kind: 2, challenger: "0xc", liable: 7 })], 1);
    assert.ok(trace !== undefined);
    assert.deepEqual([trace.state, trace.faults[0]?.next, currentSeal(trace), currentReport(trace)], ["open", "open", undefined, undefined]);
  });

  it("says that the last fault voided it, and a timeout is no fault", () => {
    const [first, second] = traceRounds(
      [sealed(1, 0), reported(1), round("FaultProven", { round: 1, attempt: 2, kind: 1, challenger: "0xc", liable: 1 }, 900), round("RoundVoided", { round: 1, reason: 5 }, 900), sealed(2, 0), round("RoundVoided", { round: 2, reason: 1 })],
      1,
    );
    assert.deepEqual([first?.state, first?.faults[0]?.next, first?.voided?.reason, second?.state, second?.faults.length], ["void", "void", 5, "void", 0]);
  });

  it("keeps federations apart", () => assert.deepEqual(traceRounds([sealed(1, 0), sealed(4, 0, 0, { federation: 2 })], 2).map(({ round }) => round), [4]));

  it("finds the line that leads to what is trained on now", () => {
    const traces = traceRounds([sealed(1, 0), sealed(2, 1), sealed(3, 1)], 1);
    assert.deepEqual([...roundsToTip(traces, 3)], [3, 1, 0]);
  });
});

describe("the entries of a seal", () => {
  const calldata = encodeFunctionData({
    abi: roundsAbi,
    functionName: "seal",
    args: [1, { seats: "0x000000000000000300000005", updateRoots: `${hash(1)}${hash(2).slice(2)}${hash(3).slice(2)}`, rootOrder: "0x000102", normsHash: hash(0), normTracesHash: hash(0), signaturesHash: hash(0) }, { signers: 7, signatures: "0x" }],
  });
  const granted = [
    seat("SeatGranted", { seat: 0, contributor: 10, dataset: 1, version: 1, weight: 90, budget: 0 }),
    seat("SeatGranted", { seat: 3, contributor: 11, dataset: 2, version: 1, weight: 40, budget: 0 }),
    seat("SeatGranted", { seat: 5, contributor: 12, dataset: 3, version: 1, weight: 20, budget: 0 }),
    seat("SeatRenewed", { seat: 0, version: 2, weight: 95, remaining: 0 }),
    seat("SeatGranted", { federation: 2, seat: 0, contributor: 99, dataset: 9, version: 1, weight: 1, budget: 0 }),
  ];
  const drop = seat("EntryDropped", { round: 1, seat: 3, reason: 3 }, 800);
  const weights = columnHash(packUints([95, 0, 20], 2));
  const seal = round("RoundSealed", { round: 1, attempt: 0, parentRound: 0, sealHash: hash(7), weightsHash: weights, signers: 7 }, 800);
  const later = seat("SeatRenewed", { seat: 0, version: 3, weight: 7, remaining: 0 });
  const events = [...granted, drop, later];

  it("are seats, weights of that moment, and reasons; and their weights hash to what the ledger recorded", () => {
    const [trace] = traceRounds([seal, reported(1, 0, 0b100n), round("ContributionForced", { round: 1, seat: 5 })], 1);
    const columns = decodeSeal(calldata);
    assert.ok(trace !== undefined && columns !== undefined);
    const seats = traceSeats(events, 1);
    const set = sealedSet({ columns, seal: trace.seals[0]!, trace, seats, drops: droppedIn(events, 1, hash(800)) });
    assert.equal(set.isWhole, true);
    assert.deepEqual(set.entries.map(({ seat, weight, dropped, excluded, forced, contributor, dataset }) => [seat, weight, dropped, excluded, forced, contributor, dataset]), [
      [0, 95, undefined, false, false, 10, 1],
      [3, 0, "dataset-stopped", false, false, 11, 2],
      [5, 20, undefined, true, true, 12, 3],
    ]);
    assert.deepEqual([...datasetsIn(set)], [1], "what was dropped or left out is in no model");
  });

  it("attack: an endpoint that hides an entry, or a weight, is noticed", () => {
    const [trace] = traceRounds([seal], 1);
    const columns = decodeSeal(calldata)!;
    const given = { seal: trace!.seals[0]!, trace: trace!, drops: droppedIn(events, 1, hash(800)) };
    const fewer = { ...columns, seats: columns.seats.slice(1), updateRoots: columns.updateRoots.slice(1) };
    assert.equal(sealedSet({ ...given, columns: fewer, seats: traceSeats(events, 1) }).isWhole, false);
    assert.equal(sealedSet({ ...given, columns, seats: traceSeats(granted.slice(0, 3), 1) }).isWhole, false);
    assert.equal(sealedSet({ ...given, columns, seats: traceSeats(events, 1), drops: new Map() }).isWhole, false);
  });

  it("are not guessed from other calldata", () => {
    assert.equal(decodeSeal("0x"), undefined);
    assert.equal(decodeSeal(`0xdeadbeef${calldata.slice(10)}`), undefined);
    assert.equal(decodeSeal(encodeFunctionData({ abi: roundsAbi, functionName: "finalise", args: [1, 2] })), undefined);
  });

  it("weigh nothing before they were granted", () => assert.equal(weightAt(traceSeats(events, 1).get(0)!, { block: 0n, logIndex: 0 }), 0));
});

describe("tombstones", () => {
  const steps = new Map([
    [1, { round: 1, parent: 0, datasets: new Set([1, 2]) }],
    [2, { round: 2, parent: 1, datasets: new Set([2]) }],
    [3, { round: 3, parent: 2, datasets: new Set([3]) }],
    [4, { round: 4, parent: 0, datasets: new Set([3]) }],
  ]);

  it("are on the model that used it and on everything that grew from it, and on no other branch", () => {
    assert.deepEqual(tombstonesOf(3, steps, new Set([2])).tombstones, [{ dataset: 2, since: [1, 2] }]);
    assert.deepEqual(tombstonesOf(4, steps, new Set([2])).tombstones, []);
    assert.deepEqual(tombstonesOf(3, steps, new Set()).tombstones, []);
  });

  it("says when a round of the lineage is unknown, and goes in no circle", () => {
    assert.equal(tombstonesOf(3, steps, new Set([2])).isComplete, true);
    const holed = new Map(steps).set(1, { round: 1, parent: 0, datasets: undefined as unknown as Set<number> });
    assert.equal(tombstonesOf(3, holed, new Set([2])).isComplete, false);
    const circle = new Map([[1, { round: 1, parent: 2, datasets: new Set([1]) }], [2, { round: 2, parent: 1, datasets: new Set([1]) }]]);
    assert.deepEqual(tombstonesOf(2, circle, new Set([1])).tombstones, [{ dataset: 1, since: [1, 2] }]);
  });
});
