import { expect } from "chai";
import { ethers as E } from "ethers";
import { network } from "hardhat";

import { toHex } from "../../../protocol/bytes.ts";
import {
  encodeNormBoundProof,
  encodeNormStepProof,
  encodeNormTotalProof,
  findNormStep,
  traceAt,
  type NormStepProofInput,
} from "../../../protocol/faults/norm-proof.ts";
import { commitUpdate, normTrace, openChunk } from "../../../protocol/index.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { casesOf } from "../../support/effort.ts";
import { refused } from "../rounds/refused.ts";
import { fakeEntry, fakeRound, rootOfTrace, traceValue, withTraceValue, wordsHash, type FakeEntry, type FakeRound, type FakeRoundOptions } from "./fake-round.ts";

const REPORT = "0x00000001";
const SEAL = "0x00000002";

/** Reported rounds only. */
function step(round: FakeRound, entry: number, chunk: number, change: Partial<NormStepProofInput> = {}): Uint8Array {
  const { update, trace } = round.entries[entry]!;
  return encodeNormStepProof({ ...round, report: round.report!, modelRoot: round.modelRoot!, entry, update, trace, chunk, ...change });
}

function total(round: FakeRound, entry: number, trace = round.entries[entry]!.trace): Uint8Array {
  return encodeNormTotalProof({ ...round, report: round.report!, modelRoot: round.modelRoot!, entry, trace });
}

const bound = (round: FakeRound, entry: number) => encodeNormBoundProof({ ...round, entry });

describe("NormVerifier", () => {
  const open = async () => {
    const { ethers } = await network.create();
    const rounds = await ethers.deployContract("MockPostingRounds");
    const verifier = await ethers.deployContract("NormVerifier", [rounds]);
    return { ethers, rounds, verifier, batch: await ethers.deployContract("MockVerifierBatch") };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  before(async () => {
    chain = await open();
  });

  const random = createRandom(23);
  const below = (limit: number) => Math.floor(random() * limit);
  const lanes = (length: number, spread = 65_536) => Int16Array.from({ length }, () => Math.floor((random() - 0.5) * spread));
  const DEPTH = 2;
  const LAST = 15;

  /** Three entries at depth 2, 16 chunks, four values a trace chunk. */
  const entries = (change: Partial<FakeEntry> = {}): FakeEntry[] =>
    [3, 4, 9].map((seat, i) => fakeEntry(seat, lanes(i === 1 ? 256 : 200), DEPTH, i === 1 ? change : {}));
  const roundOf = (list: readonly FakeEntry[], options: Omit<FakeRoundOptions, "entries"> = {}) =>
    fakeRound({ entries: list, ...options, config: { depth: DEPTH, normSqBound: 0n, ...options.config } });
  /** A round whose second entry has another value in its trace. */
  const lying = (index: number, by = 1n, options: Omit<FakeRoundOptions, "entries"> = {}) => {
    const [first, entry, last] = entries() as [FakeEntry, FakeEntry, FakeEntry];
    const trace = withTraceValue(entry.trace, index, traceValue(entry.trace, index) + by);
    return roundOf([first, { ...entry, trace, normTraceRoot: rootOfTrace(trace, DEPTH) }, last], options);
  };

  const verify = async ({ context }: FakeRound, proof: Uint8Array) => await chain.verifier.verify(context, proof);
  const accepted = async (round: FakeRound, proof: Uint8Array, kind: 1 | 2 = 1) => {
    const [found, report] = await verify(round, proof);
    expect(found).to.equal(BigInt(kind));
    expect(E.keccak256(E.concat([...report].map((word) => E.toBeHex(word as bigint | string, 32))))).to.equal(wordsHash(round.report));
  };
  const rejected = async (round: FakeRound, proof: Uint8Array, error: string, ...args: unknown[]) =>
    await refused(verify(round, proof), chain.verifier, error, ...args);

  describe("step", () => {
    it("test_verify_honestTrace_everyStep_reverts", async () => {
      const round = roundOf(entries());
      for (let chunk = 0; chunk <= LAST; chunk++) await rejected(round, step(round, 1, chunk), "NormVerifierNoFault", 1);
    });

    it("test_verify_wrongValue_atAnyPlace_thatStepAndTheNext_succeeds", async () => {
      for (let index = 0; index <= LAST; index++) {
        for (const by of [1n, -1n]) {
          const round = lying(index, by);
          for (let chunk = 0; chunk <= LAST; chunk++) {
            if (chunk === index || chunk === index + 1) await accepted(round, step(round, 1, chunk));
            else await rejected(round, step(round, 1, chunk), "NormVerifierNoFault", 1);
          }
        }
      }
    });

    it("test_verify_firstStep_hasNoValueBefore_succeeds", async () => {
      // All values too large by the same: only the first step is wrong.
      const [first, entry, last] = entries() as [FakeEntry, FakeEntry, FakeEntry];
      const trace = entry.trace.slice();
      for (let index = 0; index <= LAST; index++) trace.set(withTraceValue(entry.trace, index, traceValue(entry.trace, index) + 7n).subarray(8 * index, 8 * index + 8), 8 * index);
      const round = roundOf([first, { ...entry, trace, normTraceRoot: rootOfTrace(trace, DEPTH) }, last]);
      await accepted(round, step(round, 1, 0));
      for (let chunk = 1; chunk <= LAST; chunk++) await rejected(round, step(round, 1, chunk), "NormVerifierNoFault", 1);
    });

    it("test_verify_laneBehindTheModel_isAnyLane_succeeds", async () => {
      const [first, entry] = entries() as [FakeEntry, FakeEntry];
      // The first has 200 lanes; it committed to one more in its padding, and its trace says nothing of it.
      const padded = new Int16Array(256);
      padded.set(first.update);
      padded[250] = 5;
      const round = roundOf([fakeEntry(3, padded, DEPTH, { trace: first.trace }), entry]);
      await accepted(round, step(round, 0, 15));
      await rejected(round, step(round, 0, 14), "NormVerifierNoFault", 0);
      const honest = roundOf([fakeEntry(3, padded, DEPTH), entry]);
      for (const chunk of [12, 13, 14, 15]) await rejected(honest, step(honest, 0, chunk), "NormVerifierNoFault", 0);
    });

    it("test_verify_depthZero_traceIsOneChunk", async () => {
      const values = lanes(64);
      const trace = withTraceValue(traceAt(values, 0), 2, 1n);
      const honest = fakeRound({ entries: [fakeEntry(0, values, 0)], config: { depth: 0 } });
      const liar = fakeRound({ entries: [fakeEntry(0, values, 0, { trace })], config: { depth: 0 } });
      for (let chunk = 0; chunk < 4; chunk++) {
        await rejected(honest, step(honest, 0, chunk), "NormVerifierNoFault", 0);
        if (chunk < 2) await rejected(liar, step(liar, 0, chunk), "NormVerifierNoFault", 0);
        else await accepted(liar, step(liar, 0, chunk));
      }
      await rejected(honest, total(honest, 0), "NormVerifierNoFault", 0);
      await rejected(honest, step(honest, 0, 3).with(361 + 1 + 32 + 66 + 1 + 3, 4), "NormVerifierBadLength");
    });

    it("test_verify_largestUpdate_doesNotWrap", async () => {
      // −32768 in every lane: 2^34 a chunk. And a trace at the end of its range: the next step would wrap, in 64 bits, to what stands there.
      const values = new Int16Array(256).fill(-32_768);
      const honest = roundOf([fakeEntry(0, values, DEPTH)]);
      expect(traceValue(honest.entries[0]!.trace, LAST)).to.equal(2n ** 38n);
      for (let chunk = 0; chunk <= LAST; chunk++) await rejected(honest, step(honest, 0, chunk), "NormVerifierNoFault", 0);
      const before = 2n ** 64n - 2n ** 34n + 5n;
      const trace = withTraceValue(withTraceValue(traceAt(values, DEPTH), 4, before), 5, 5n);
      const round = roundOf([fakeEntry(0, values, DEPTH, { trace })]);
      await accepted(round, step(round, 0, 5));
      // The longest vector: 2^31 lanes of 2^30 each.
      expect(2n ** 31n * 2n ** 30n < 2n ** 64n).to.equal(true);
    });

    it("test_verify_traceChunkOfOtherPosition_reverts", async () => {
      const round = lying(5);
      const proof = step(round, 1, 5);
      const other = step(round, 1, 8);
      // Chunk 5 of the update with the trace's chunk of values 8 to 11 (and its siblings), which does belong to the trace.
      const opening = 32 * (DEPTH + 1);
      const from = other.length - 2 * opening;
      await rejected(round, E.getBytes(E.concat([proof.subarray(0, -opening), other.subarray(from, from + opening)])), "NormVerifierWrongOpening", "normTrace");
      // The value before, from elsewhere.
      const crossing = step(round, 1, 8);
      await rejected(round, E.getBytes(E.concat([crossing.subarray(0, -opening), crossing.subarray(-2 * opening, -opening)])), "NormVerifierWrongOpening", "normTrace");
    });

    it("test_verify_updateChunkOfOtherPosition_reverts", async () => {
      const round = lying(5);
      const size = 32 * (DEPTH + 3);
      const [proof, other] = [step(round, 1, 5), step(round, 1, 6)];
      const at = 361 + 1 + 32 + 66 * 3 + 5;
      const swapped = E.concat([proof.subarray(0, at), other.subarray(at, at + size), proof.subarray(at + size)]);
      await rejected(round, E.getBytes(swapped), "NormVerifierWrongOpening", "update");
    });

    it("test_verify_traceOrUpdateOfAnotherEntry_reverts", async () => {
      const round = lying(5);
      const [, entry, other] = round.entries as [FakeEntry, FakeEntry, FakeEntry];
      await rejected(round, step(round, 1, 5, { trace: other.trace }), "NormVerifierWrongOpening", "normTrace");
      await rejected(round, step(round, 1, 5, { update: other.update }), "NormVerifierWrongOpening", "update");
      await rejected(round, step(round, 1, 5, { entry: 2, update: entry.update, trace: entry.trace }), "NormVerifierWrongOpening", "update");
      await rejected(round, step(round, 1, 5, { entry: 2, trace: entry.trace, update: other.update }), "NormVerifierWrongOpening", "normTrace");
    });

    it("test_verify_chunkBeforeOmitted_atTheStartOfATraceChunk_reverts", async () => {
      const round = lying(8);
      for (const chunk of [4, 8, 12]) {
        const proof = step(round, 1, chunk);
        await rejected(round, proof.subarray(0, -32 * (DEPTH + 1)), "NormVerifierBadLength", proof.length - 32 * (DEPTH + 1), proof.length);
      }
      // And given where none is needed.
      for (const chunk of [0, 5]) {
        const proof = step(round, 1, chunk);
        await rejected(round, E.getBytes(E.concat([proof, proof.subarray(-32 * (DEPTH + 1))])), "NormVerifierBadLength");
      }
    });

    it("test_verify_chunkBeyondTheVector_reverts", async () => {
      const round = lying(LAST);
      const proof = step(round, 1, LAST);
      const at = 361 + 1 + 32 + 66 * 3 + 1;
      for (const chunk of [LAST + 2, LAST + 2 + 2 ** 16, 2 ** 32 - 1]) {
        const changed = proof.slice();
        new DataView(changed.buffer).setUint32(at, chunk);
        await rejected(round, changed, "SszOpeningBadIndex", chunk, DEPTH + 2);
      }
    });
  });

  describe("total", () => {
    it("test_verify_declaredNormOneOff_succeeds", async () => {
      for (const by of [1n, -1n]) {
        const list = entries();
        list[1] = { ...list[1]!, normSq: list[1]!.normSq + by };
        const round = roundOf(list);
        await accepted(round, total(round, 1));
        await rejected(round, total(round, 0), "NormVerifierNoFault", 0);
        await rejected(round, total(round, 2), "NormVerifierNoFault", 2);
      }
    });

    it("test_verify_lastValueOneOff_succeeds", async () => {
      const round = lying(LAST);
      await accepted(round, total(round, 1));
      const before = lying(LAST - 1);
      await rejected(before, total(before, 1), "NormVerifierNoFault", 1);
    });

    it("test_verify_anotherChunkThanTheLast_reverts", async () => {
      const round = roundOf(entries());
      const { trace } = round.entries[1]!;
      const proof = total(round, 1);
      const { chunk, siblings } = openChunk(trace, DEPTH, 2);
      await rejected(round, E.getBytes(E.concat([proof.subarray(0, -32 * (DEPTH + 1)), chunk, siblings])), "NormVerifierWrongOpening", "normTrace");
    });

    it("test_verify_traceOfAnotherEntry_reverts", async () => {
      const round = roundOf(entries());
      await rejected(round, total(round, 1, round.entries[0]!.trace), "NormVerifierWrongOpening", "normTrace");
    });
  });

  describe("step and total", () => {
    /** A fault of both kinds: the trace's last value is wrong. */
    const both = (round: FakeRound) => [step(round, 1, LAST), total(round, 1)];

    it("test_verify_droppedEntry_reverts", async () => {
      const [first, entry, last] = lying(LAST).entries as [FakeEntry, FakeEntry, FakeEntry];
      const round = roundOf([first, { ...entry, weight: 0 }, last]);
      for (const proof of both(round)) await rejected(round, proof, "NormVerifierNotCounted", 1);
    });

    it("test_verify_excludedEntry_reverts", async () => {
      const round = lying(LAST, 1n, { excluded: 0b010n });
      for (const proof of both(round)) await rejected(round, proof, "NormVerifierNotCounted", 1);
      const other = lying(LAST, 1n, { excluded: 0b101n });
      for (const proof of both(other)) await accepted(other, proof);
    });

    it("test_verify_postedEntry_reverts", async () => {
      const round = lying(LAST);
      await chain.rounds.setPosted(round.sealHash, 0b010n);
      for (const proof of both(round)) await rejected(round, proof, "NormVerifierPosted", 1);
      await chain.rounds.setPosted(round.sealHash, 0b101n);
      for (const proof of both(round)) await accepted(round, proof);
    });

    it("test_verify_entryThatIsNone_reverts", async () => {
      const round = lying(LAST);
      const at = { step: 361 + 1 + 32 + 66 * 3, total: 361 + 1 + 64 + 42 * 3 };
      const [stepProof, totalProof] = both(round) as [Uint8Array, Uint8Array];
      for (const entry of [3, 255]) {
        await rejected(round, stepProof.with(at.step, entry), "NormVerifierBadEntry", entry, 3);
        await rejected(round, totalProof.with(at.total, entry), "NormVerifierBadEntry", entry, 3);
      }
    });

    it("test_verify_sealedRound_reverts", async () => {
      const round = lying(LAST);
      for (const proof of both(round)) {
        for (const state of [0, 1, 2, 4, 5]) {
          const context = { ...round.context, state: { ...round.context.state, state } };
          await refused(chain.verifier.verify(context, proof), chain.verifier, "RoundHeaderWrongState", state);
        }
      }
    });

    it("test_verify_columnsOfAnotherRound_reverts", async () => {
      const round = lying(LAST);
      const other = lying(3);
      const { updateRoots, weights, norms, traceRoots } = other;
      for (const [change, error] of [
        [{ updateRoots }, "RoundHeaderMismatch"],
        [{ weights: weights.map((weight) => weight + 1) }, "RoundHeaderMismatch"],
        [{ traceRoots }, "NormVerifierWrongColumn"],
      ] as const) {
        await rejected(round, step({ ...round, ...change }, 1, LAST), error);
      }
      for (const [change, error] of [
        [{ updateRootsHash: other.updateRootsHash }, "RoundHeaderMismatch"],
        [{ weights: weights.map((weight) => weight + 1) }, "RoundHeaderMismatch"],
        [{ norms: norms.map((norm) => norm + 1n) }, "NormVerifierWrongColumn"],
        [{ traceRoots }, "NormVerifierWrongColumn"],
      ] as const) {
        await rejected(round, total({ ...round, ...change }, 1), error);
      }
    });

    it("test_verify_anotherDepth_reverts", async () => {
      const round = lying(LAST);
      const config = { ...round.config, depth: DEPTH + 1 };
      const wide = traceAt(round.entries[1]!.update, DEPTH + 1);
      await rejected(round, total({ ...round, config }, 1, wide), "RoundHeaderMismatch");
      await rejected(round, step({ ...round, config }, 1, LAST, { trace: wide }), "RoundHeaderMismatch");
    });

    it("test_verify_otherLength_reverts", async () => {
      const round = lying(LAST);
      for (const proof of both(round)) {
        await rejected(round, E.getBytes(E.concat([proof, "0x00"])), "NormVerifierBadLength", proof.length + 1, proof.length);
        await rejected(round, proof.subarray(0, -1), "NormVerifierBadLength", proof.length - 1, proof.length);
        await rejected(round, proof.subarray(0, 361), "NormVerifierBadLength");
        await rejected(round, proof.subarray(0, 360), "RoundHeaderTooShort", 360);
      }
    });

    it("test_verify_replayedOnAnotherFederationRoundOrAttempt_reverts", async () => {
      const round = lying(LAST);
      const { context } = round;
      for (const proof of both(round)) {
        for (const other of [
          { ...context, federation: 2 },
          { ...context, round: 8 },
          { ...context, parentHash: E.id("another parent") },
          { ...context, state: { ...context.state, attempt: 2 } },
        ]) {
          await refused(chain.verifier.verify(other, proof), chain.verifier, "RoundHeaderMismatch");
        }
      }
    });
  });

  describe("bound", () => {
    const NORM = 10_000n;
    const declared = (normSq: bigint, options: Omit<FakeRoundOptions, "entries"> = {}) =>
      roundOf(entries().map((entry, i) => ({ ...entry, normSq: i === 1 ? normSq : NORM })), { ...options, config: { normSqBound: NORM, ...options.config } });

    it("test_verify_normAboveTheBound_sealedOrReported_succeeds", async () => {
      for (const reported of [false, true]) {
        const round = declared(NORM + 1n, { reported });
        await accepted(round, bound(round, 1), 2);
        await rejected(round, bound(round, 0), "NormVerifierNoFault", 0);
        const most = declared(2n ** 64n - 1n, { reported });
        await accepted(most, bound(most, 1), 2);
      }
    });

    it("test_verify_normAtTheBound_reverts", async () => {
      for (const reported of [false, true]) {
        const round = declared(NORM, { reported });
        await rejected(round, bound(round, 1), "NormVerifierNoFault", 1);
      }
    });

    it("test_verify_noBound_reverts", async () => {
      const round = declared(2n ** 64n - 1n, { config: { normSqBound: 0n } });
      await rejected(round, bound(round, 1), "NormVerifierNoFault", 1);
    });

    it("test_verify_boundOfAnotherConfiguration_reverts", async () => {
      const round = declared(NORM);
      await rejected(round, bound({ ...round, config: { ...round.config, normSqBound: 1n } }, 1), "RoundHeaderMismatch");
    });

    it("test_verify_droppedOrExcludedEntry_isStillTheSealersFault_succeeds", async () => {
      const list = entries().map((entry, i) => ({ ...entry, normSq: i === 1 ? NORM + 1n : NORM, weight: i === 1 ? 0 : 5 }));
      const round = roundOf(list, { config: { normSqBound: NORM }, excluded: 0b010n });
      await accepted(round, bound(round, 1), 2);
    });

    it("test_verify_hashesOrColumnOfAnotherRound_reverts", async () => {
      const round = declared(NORM + 1n);
      const hash = E.id("other") as `0x${string}`;
      await rejected(round, bound({ ...round, updateRootsHash: hash }, 1), "RoundHeaderMismatch");
      await rejected(round, bound({ ...round, weightsHash: hash }, 1), "RoundHeaderMismatch");
      await rejected(round, bound({ ...round, modelRoot: hash }, 1), "RoundHeaderMismatch");
      await rejected(round, bound({ ...round, norms: [NORM, NORM + 2n, NORM] }, 1), "NormVerifierWrongColumn", "norms");
    });

    it("test_verify_boundEntryThatIsNone_reverts", async () => {
      const round = declared(NORM + 1n);
      await rejected(round, bound(round, 1).with(361 + 1 + 96, 3), "NormVerifierBadEntry", 3, 3);
    });

    it("test_verify_boundOtherLength_reverts", async () => {
      for (const reported of [false, true]) {
        const round = declared(NORM + 1n, { reported });
        const proof = bound(round, 1);
        await rejected(round, E.getBytes(E.concat([proof, "0x00"])), "NormVerifierBadLength", proof.length + 1, proof.length);
        await rejected(round, proof.subarray(0, -1), "NormVerifierBadLength", proof.length - 1, proof.length);
      }
    });

    it("test_verify_openOrFinalRound_reverts", async () => {
      const round = declared(NORM + 1n, { reported: false });
      for (const state of [0, 1, 4, 5]) {
        const context = { ...round.context, state: { ...round.context.state, state } };
        await refused(chain.verifier.verify(context, bound(round, 1)), chain.verifier, "RoundHeaderWrongState", state);
      }
    });
  });

  it("test_verify_unknownKind_reverts", async () => {
    const round = lying(LAST);
    for (const kind of [3, 255]) await rejected(round, step(round, 1, LAST).with(361, kind), "NormVerifierUnknownKind", kind);
  });

  it("test_verify_anotherElementWidth_reverts", async () => {
    const round = roundOf(lying(LAST).entries, { config: { elementWidth: 4 } });
    for (const proof of [step(round, 1, LAST), total(round, 1), bound(round, 1)]) await rejected(round, proof, "NormVerifierElementWidth", 4);
  });

  it("test_verify_randomRounds_onlyTheRightKindConvicts", async function () {
    this.timeout(120_000);
    const cases: { round: FakeRound; proof: Uint8Array; expected: string; what: string }[] = [];
    const noFault = chain.verifier.interface.getError("NormVerifierNoFault")!.selector;
    for (let i = 0; i < casesOf(260); i++) {
      const depth = below(4);
      const length = 1 + below(64 * 2 ** depth);
      const last = 4 * 2 ** depth - 1;
      const normSqBound = 2n ** 40n;
      const list = Array.from({ length: 1 + below(5) }, (_, seat) => fakeEntry(seat, lanes(length, [8, 600, 65_536][i % 3]), depth));
      const entry = below(list.length);
      const honest = list[entry]!;
      const where = below(last + 1);
      const wrong = new Set<number>();
      const convicts = { total: false, bound: false };
      const what = ["nothing", "lane", "trace value", "declared norm", "norm above the bound"][i % 5]!;
      if (what === "lane") {
        const update = honest.update.slice();
        const lane = below(length);
        update[lane] = update[lane] === 0 ? 1 + below(32_767) : 0;
        list[entry] = fakeEntry(honest.seat, update, depth, { trace: honest.trace, normSq: honest.normSq });
        wrong.add(Math.floor(lane / 16));
      } else if (what === "trace value") {
        const trace = withTraceValue(honest.trace, where, traceValue(honest.trace, where) ^ (1n << BigInt(below(64))));
        list[entry] = fakeEntry(honest.seat, honest.update, depth, { trace });
        wrong.add(where).add(where + 1);
        convicts.total = where === last;
      } else if (what === "declared norm") {
        list[entry] = { ...honest, normSq: honest.normSq ^ (1n << BigInt(below(40))) };
        convicts.total = true;
        convicts.bound = list[entry].normSq > normSqBound;
      } else if (what === "norm above the bound") {
        list[entry] = { ...honest, normSq: normSqBound + 1n + BigInt(below(2 ** 30)) };
        convicts.total = true;
        convicts.bound = true;
      }
      const round = fakeRound({ entries: list, config: { depth, normSqBound }, federation: 1 + below(9), round: 1 + below(99), attempt: below(3) });
      const shown = new Set([0, last, where, Math.min(where + 1, last), ...[...wrong].filter((chunk) => chunk <= last), below(last + 1)]);
      for (const chunk of shown) {
        cases.push({ round, proof: step(round, entry, chunk), expected: wrong.has(chunk) ? REPORT : noFault, what: `${what}: step ${chunk} of ${last}` });
      }
      if (what === "lane" || what === "trace value") expect(findNormStep(list[entry]!.update, list[entry]!.trace)).to.equal(Math.min(...wrong));
      if (what === "nothing") {
        expect(findNormStep(honest.update, honest.trace)).to.equal(null);
        if (Math.ceil(Math.log2(Math.max(length, 64) / 64)) === depth) {
          expect(commitUpdate(honest.update)).to.deep.equal({ updateRoot: honest.updateRoot, normSq: honest.normSq, normTraceRoot: honest.normTraceRoot });
          expect(normTrace(honest.update).trace).to.deep.equal(honest.trace);
        }
      }
      const others = list.map((_, i) => i).filter((i) => i !== entry);
      cases.push({ round, proof: total(round, entry), expected: convicts.total ? REPORT : noFault, what: `${what}: total` });
      cases.push({ round, proof: bound(round, entry), expected: convicts.bound ? SEAL : noFault, what: `${what}: bound` });
      for (const other of others.slice(0, 2)) cases.push({ round, proof: total(round, other), expected: noFault, what: `${what}: total of another entry` });
      for (const other of others.slice(0, 2)) cases.push({ round, proof: step(round, other, where), expected: noFault, what: `${what}: step of another entry` });
    }
    expect(cases.length).to.be.greaterThan(casesOf(2_000));
    for (let from = 0; from < cases.length; from += 60) {
      const part = cases.slice(from, from + 60);
      const [verdicts, reports] = await chain.batch.judge(chain.verifier, part.map(({ round }) => round.context), part.map(({ proof }) => toHex(proof)));
      for (const [i, { round, expected, what }] of part.entries()) {
        expect(verdicts[i], `case ${from + i}: ${what}`).to.equal(expected);
        if (expected !== noFault) expect(reports[i]).to.equal(wordsHash(round.report));
      }
    }
  });
});
