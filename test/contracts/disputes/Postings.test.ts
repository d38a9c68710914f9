import { expect } from "chai";
import { ethers as E } from "ethers";
import { network } from "hardhat";

import { bytesOf, toHex } from "../../../protocol/bytes.ts";
import { encodeLastTensor, preparePosting, type PostingInput, type PostingPart } from "../../../protocol/faults/posting.ts";
import { traceAt } from "../../../protocol/faults/norm-proof.ts";
import { commitUpdate, createModelSpec, hashTreeRoot, parameterCount, specRoot, vectorShape, type ModelSpec } from "../../../protocol/index.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { refused } from "../rounds/refused.ts";
import { fakeEntry, fakeRound, rootOfTrace, traceValue, withTraceValue, type FakeEntry, type FakeRound, type FakeRoundOptions } from "./fake-round.ts";

const PART_LANES = 32_768;
const specOf = (lanes: number): ModelSpec => createModelSpec([...(lanes > 1 ? [{ name: "hidden", shape: [lanes - 1], fracBits: 8 }] : []), { name: "bias", shape: [1], fracBits: 8 }]);
const join = (...parts: (Uint8Array | string)[]): Uint8Array => E.getBytes(E.concat(parts));

/** A ledger that holds what it is told, so that anything can be wrong in it; the real one is in `PostingsLedger.test.ts`. */
describe("Postings", () => {
  const open = async () => {
    const { ethers, networkHelpers } = await network.create();
    const rounds = await ethers.deployContract("MockPostingRounds");
    const postings = await ethers.deployContract("Postings", [rounds]);
    return { ethers, helpers: networkHelpers, rounds, postings, harness: await ethers.deployContract("MockNormTrace") };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    chain ??= await open();
  });

  const random = createRandom(41);
  const below = (limit: number) => Math.floor(random() * limit);
  const lanes = (length: number, spread = 65_536) => Int16Array.from({ length }, () => Math.floor((random() - 0.5) * spread));
  let rounds = 10;

  /** A sealed round of three entries that the ledger holds; the second is posted. */
  const hold = async (length: number, depth: number, change: Partial<FakeEntry> = {}, options: Omit<FakeRoundOptions, "entries"> = {}) => {
    const { update = lanes(length), ...rest } = change;
    const entries = [fakeEntry(3, lanes(60), depth), fakeEntry(4, update, depth, rest), fakeEntry(9, lanes(50), depth)];
    return await holdEntries(entries, length, depth, options);
  };
  const holdEntries = async (entries: readonly FakeEntry[], length: number, depth: number, options: Omit<FakeRoundOptions, "entries"> = {}) => {
    const deadline = BigInt(await chain.helpers.time.latest()) + 10_000n;
    const config = { depth, normSqBound: 0n, modelSpecRoot: specRoot(specOf(length)), reportWindow: 10_000, ...options.config };
    const round = fakeRound({ entries, reported: false, round: rounds++, parentRound: 2, deadline, ...options, config });
    const { context } = round;
    await chain.rounds.setRound(context.federation, context.round, context.state);
    await chain.rounds.setRound(context.federation, 2, { ...context.state, hash: context.parentHash, state: 4 });
    return round;
  };
  const prepare = (round: FakeRound, entry = 1, change: Partial<PostingInput> = {}) => {
    const { update } = round.entries[entry]!;
    return preparePosting({ ...round, spec: specOf(update.length), entry, update, ...change });
  };
  const post = ({ context }: FakeRound, { proof, lanes }: PostingPart) => chain.postings.post(context.federation, context.round, proof, lanes);
  const rejected = async (round: FakeRound, part: PostingPart, error: string, ...args: unknown[]) => await refused(post(round, part), chain.postings, error, ...args);
  const isPosted = async (round: FakeRound, entry = 1) => ((await chain.rounds.postedOf(round.sealHash)) >> BigInt(entry)) & 1n;

  describe("a whole payload", () => {
    it("test_post_onePart_isMarkedAndInTheLog_succeeds", async () => {
      for (const [length, depth] of [[1, 0], [63, 0], [64, 0], [65, 1], [1_000, 4], [1_024, 4]] as const) {
        const round = await hold(length, depth, { update: lanes(length).fill(257, -1) });
        const { count, at } = prepare(round);
        expect(count).to.equal(1);
        await expect(post(round, at(0)))
          .to.emit(chain.postings, "PartPosted")
          .withArgs(1, round.context.round, round.sealHash, 1, 0, toHex(bytesOf(round.entries[1]!.update)));
        expect(await chain.rounds.postedOf(round.sealHash)).to.equal(0b010n);
        expect([...(await chain.postings.progressOf(round.sealHash, 1))]).to.deep.equal([0n, 0n, 0n]);
      }
    });

    it("test_post_partsInOrder_isMarkedWithTheLast_succeeds", async () => {
      const length = 3 * PART_LANES + 100;
      const round = await hold(length, 11);
      const { count, at } = prepare(round);
      expect(count).to.equal(4);
      const { trace } = round.entries[1]!;
      for (let part = 0; part < 3; part++) {
        await expect(post(round, at(part))).to.emit(chain.postings, "PartPosted");
        const progress = [...(await chain.postings.progressOf(round.sealHash, 1))];
        const end = BigInt(part * 2 * PART_LANES + at(part).lanes.length);
        expect(progress).to.deep.equal([BigInt(part + 1), traceValue(trace, ((part + 1) * PART_LANES) / 16 - 1), end]);
        expect(await isPosted(round)).to.equal(0n);
      }
      await post(round, at(3));
      expect(await isPosted(round)).to.equal(1n);
      expect([...(await chain.postings.progressOf(round.sealHash, 1))]).to.deep.equal([0n, 0n, 0n]);
    });

    it("test_post_partsThatAreZero_costLittle_succeeds", async () => {
      const update = new Int16Array(2 * PART_LANES);
      update[40_000] = -300;
      const round = await hold(update.length, 10, { update });
      const { at } = prepare(round);
      expect(at(0).lanes.length).to.equal(0);
      const { gasUsed } = (await (await post(round, at(0))).wait())!;
      expect(Number(gasUsed)).to.be.below(150_000);
      await post(round, at(1));
      expect(await isPosted(round)).to.equal(1n);
      const nothing = await hold(100, 1, { update: new Int16Array(100) });
      await post(nothing, prepare(nothing).at(0));
      expect(await isPosted(nothing)).to.equal(1n);
    });

    it("test_post_anotherGoesOnWhereTheFirstStopped_succeeds", async () => {
      const round = await hold(2 * PART_LANES, 10);
      const { at } = prepare(round);
      await post(round, at(0));
      const [, other] = await chain.ethers.getSigners();
      await chain.postings.connect(other!).post(1, round.context.round, at(1).proof, at(1).lanes);
      expect(await isPosted(round)).to.equal(1n);
    });

    it("test_post_twoEntriesInTurn_succeeds", async () => {
      const entries = [fakeEntry(3, lanes(2 * PART_LANES), 10), fakeEntry(4, lanes(2 * PART_LANES), 10)];
      const round = await holdEntries(entries, 2 * PART_LANES, 10);
      for (const part of [0, 1]) for (const entry of [0, 1]) await post(round, prepare(round, entry).at(part));
      expect(await chain.rounds.postedOf(round.sealHash)).to.equal(0b11n);
    });

    it("test_post_normAtTheBound_succeeds", async () => {
      const update = lanes(100);
      const { normSq } = fakeEntry(4, update, 1);
      const round = await hold(100, 1, { update }, { config: { normSqBound: normSq } });
      await post(round, prepare(round).at(0));
      expect(await isPosted(round)).to.equal(1n);
    });

    it("test_post_oneSecondBeforeHalfTime_succeeds", async () => {
      const round = await hold(100, 1, {}, { config: { reportWindow: 10_001 } });
      const half = round.context.state.deadline - 5_000n;
      await chain.helpers.time.setNextBlockTimestamp(half - 1n);
      await post(round, prepare(round).at(0));
      expect(await isPosted(round)).to.equal(1n);
    });
  });

  describe("order", () => {
    it("test_post_twice_reverts", async () => {
      const round = await hold(100, 1);
      await post(round, prepare(round).at(0));
      await rejected(round, prepare(round).at(0), "PostingsAlreadyPosted", 1);
      const long = await hold(2 * PART_LANES, 10);
      const { at } = prepare(long);
      await post(long, at(0));
      await rejected(long, at(0), "PostingsOutOfOrder", 0, 1);
      await post(long, at(1));
      for (const part of [0, 1]) await rejected(long, at(part), "PostingsAlreadyPosted", 1);
    });

    it("test_post_outOfOrder_reverts", async () => {
      const round = await hold(4 * PART_LANES, 11);
      const { at } = prepare(round);
      for (const part of [1, 2, 3]) await rejected(round, at(part), "PostingsOutOfOrder", part, 0);
      await post(round, at(0));
      for (const part of [2, 3]) await rejected(round, at(part), "PostingsOutOfOrder", part, 1);
      expect(await isPosted(round)).to.equal(0n);
    });

    it("test_post_partThatIsNone_reverts", async () => {
      const round = await hold(100, 1);
      const { proof, lanes } = prepare(round).at(0);
      const at = 361 + 74 * 3 + 1;
      for (const part of [1, 256, 65_535]) {
        const changed = proof.slice();
        new DataView(changed.buffer).setUint16(at, part);
        await rejected(round, { proof: changed, lanes }, "PostingsOutOfOrder", part, 0);
      }
    });

    it("test_post_partInThePlaceOfAnother_reverts", async () => {
      const round = await hold(4 * PART_LANES, 11);
      const { at } = prepare(round);
      const first = at(0).proof;
      const second = at(1).proof.slice();
      // The second part and its siblings, under the first one's number; and the first one's lanes in the second one's place.
      second.set(first.subarray(361 + 74 * 3 + 1, 361 + 74 * 3 + 3), 361 + 74 * 3 + 1);
      await rejected(round, { proof: second, lanes: at(1).lanes }, "PostingsWrongUpdate");
      await post(round, at(0));
      await rejected(round, { proof: at(1).proof, lanes: at(0).lanes }, "PostingsWrongUpdate");
    });
  });

  describe("what is no payload of the entry", () => {
    it("test_post_anyOtherLane_reverts", async () => {
      const round = await hold(100, 1);
      const { proof, lanes: honest } = prepare(round).at(0);
      for (const at of [0, 1, 31, 32, 198]) await rejected(round, { proof, lanes: honest.with(at, honest[at]! ^ 4) }, "PostingsWrongUpdate");
      await rejected(round, { proof, lanes: honest.subarray(0, 100).with(99, 1) }, "PostingsWrongUpdate");
      await rejected(round, { proof, lanes: new Uint8Array() }, "PostingsWrongUpdate");
      await rejected(round, { proof, lanes: join(honest, "0x01") }, "PostingsWrongUpdate");
    });

    it("test_post_lanesOfAnotherEntry_reverts", async () => {
      const round = await hold(100, 1);
      const [own, other] = [prepare(round).at(0), prepare(round, 0).at(0)];
      await rejected(round, { proof: own.proof, lanes: other.lanes }, "PostingsWrongUpdate");
      await rejected(round, { proof: other.proof, lanes: own.lanes }, "PostingsWrongUpdate");
    });

    it("test_post_traceThatDoesNotFollow_reverts", async () => {
      const update = lanes(100);
      const honest = traceAt(update, 1);
      for (const index of [0, 3, 4, 6, 7]) {
        const trace = withTraceValue(honest, index, traceValue(honest, index) + 1n);
        const round = await hold(100, 1, { update, trace, normTraceRoot: rootOfTrace(trace, 1) });
        await rejected(round, prepare(round).at(0), "PostingsWrongTrace", rootOfTrace(trace, 1), rootOfTrace(honest, 1));
      }
    });

    it("test_post_traceThatIsWrongInOnePart_thatPart_reverts", async () => {
      const update = lanes(2 * PART_LANES);
      const honest = traceAt(update, 10);
      for (const [index, part] of [[7, 0], [2_047, 0], [2_048, 1], [4_095, 1]] as const) {
        const trace = withTraceValue(honest, index, traceValue(honest, index) + 1n);
        const round = await hold(update.length, 10, { update, trace, normTraceRoot: rootOfTrace(trace, 10) });
        // As its author would post it: with the siblings that its trace has.
        const span = 32 * 512;
        const nodes = [0, 1].map((i) => hashTreeRoot(trace.subarray(i * span, (i + 1) * span), 9));
        const made = [0, 1].map((i) => {
          const { proof, lanes } = prepare(round).at(i);
          const changed = proof.slice();
          changed.set(nodes[1 - i]!, 361 + 74 * 3 + 3 + 32);
          return { proof: changed, lanes };
        });
        if (part === 1) await post(round, made[0]!);
        await rejected(round, made[part]!, "PostingsWrongTrace");
      }
    });

    it("test_post_declaredNormOneOff_reverts", async () => {
      for (const by of [1n, -1n]) {
        const update = lanes(100);
        const { normSq } = fakeEntry(4, update, 1);
        const round = await hold(100, 1, { update, normSq: normSq + by });
        await rejected(round, prepare(round).at(0), "PostingsWrongNorm", normSq + by, normSq);
      }
      const long = lanes(2 * PART_LANES);
      const { normSq } = fakeEntry(4, long, 10);
      const round = await hold(long.length, 10, { update: long, normSq: normSq + 1n });
      await post(round, prepare(round).at(0));
      await rejected(round, prepare(round).at(1), "PostingsWrongNorm", normSq + 1n, normSq);
    });

    it("test_post_normAboveTheBound_reverts", async () => {
      const update = lanes(2 * PART_LANES);
      const { normSq } = fakeEntry(4, update, 10);
      const round = await hold(update.length, 10, { update }, { config: { normSqBound: normSq - 1n } });
      await rejected(round, prepare(round).at(0), "PostingsNormAboveBound", normSq, normSq - 1n);
    });

    it("test_post_laneBehindTheModel_reverts", async () => {
      // The model has 100 lanes of 128.
      for (const behind of [100, 127]) {
        const update = new Int16Array(128);
        update.set(lanes(100));
        update[behind] = 1;
        const round = await hold(100, 1, { update });
        const { proof, lanes: posted } = prepare(round, 1, { spec: specOf(128) }).at(0);
        const tail = encodeLastTensor(specOf(128)).length;
        const honest = join(proof.subarray(0, -tail), encodeLastTensor(specOf(100)));
        await rejected(round, { proof, lanes: posted }, "PostingsWrongSpec", specRoot(specOf(100)), specRoot(specOf(128)));
        await rejected(round, { proof: honest, lanes: posted }, "PostingsBehindModel", 2 * behind + 1, 200);
      }
    });

    it("test_post_laneBehindTheModel_inAnEarlierPart_reverts", async () => {
      // A model of one lane, committed four parts long: what is behind it was posted before the last part.
      const update = new Int16Array(4 * PART_LANES);
      update[0] = 5;
      update[PART_LANES + 1] = 7;
      const round = await hold(2, 11, { update });
      const made = [0, 1, 2, 3].map((part) => {
        const { proof, lanes } = prepare(round, 1, { spec: specOf(4 * PART_LANES) }).at(part);
        const tail = encodeLastTensor(specOf(4 * PART_LANES)).length;
        return { proof: part === 3 ? join(proof.subarray(0, -tail), encodeLastTensor(specOf(2))) : proof, lanes };
      });
      for (const part of [0, 1, 2]) await post(round, made[part]!);
      await rejected(round, made[3]!, "PostingsBehindModel", 2 * (PART_LANES + 1) + 1, 4);
    });

    it("test_post_trailingZeroBytes_reverts", async () => {
      const update = lanes(100);
      update[50] = 3;
      update.fill(0, 51);
      const round = await hold(100, 1, { update });
      const { proof, lanes: posted } = prepare(round).at(0);
      expect(posted.length).to.equal(101);
      await rejected(round, { proof, lanes: join(posted, "0x00") }, "PostingsTrailingZero");
      await post(round, { proof, lanes: posted });
    });

    it("test_post_moreThanAPart_reverts", async () => {
      const round = await hold(60, 0);
      const { proof } = prepare(round).at(0);
      await rejected(round, { proof, lanes: new Uint8Array(129).fill(1) }, "PostingsTooLong", 129, 128);
      await rejected(round, { proof, lanes: new Uint8Array(128).fill(1) }, "PostingsWrongUpdate");
      const long = await hold(2 * PART_LANES, 10);
      await rejected(long, { proof: prepare(long).at(0).proof, lanes: new Uint8Array(2 * PART_LANES + 1).fill(1) }, "PostingsTooLong", 65_537, 65_536);
    });
  });

  describe("what cannot be posted", () => {
    it("test_post_droppedEntry_reverts", async () => {
      const round = await hold(100, 1, { weight: 0 });
      await rejected(round, prepare(round).at(0), "PostingsDropped", 1);
    });

    it("test_post_entryThatIsNone_reverts", async () => {
      const round = await hold(100, 1);
      const { proof, lanes } = prepare(round).at(0);
      await rejected(round, { proof: proof.with(361 + 74 * 3, 3), lanes }, "PostingsBadEntry", 3, 3);
    });

    it("test_post_payloadsAreNotPublic_reverts", async () => {
      for (const privacyMode of [1, 2]) {
        const round = await hold(100, 1, {}, { config: { privacyMode } });
        await rejected(round, prepare(round).at(0), "PostingsNotPublic", privacyMode);
      }
    });

    it("test_post_anotherElementWidth_reverts", async () => {
      const round = await hold(100, 1, {}, { config: { elementWidth: 4 } });
      await rejected(round, prepare(round).at(0), "PostingsElementWidth", 4);
    });

    it("test_post_roundThatIsNotSealed_reverts", async () => {
      const round = await hold(100, 1);
      for (const state of [0, 1, 3, 4, 5]) {
        await chain.rounds.setRound(1, round.context.round, { ...round.context.state, state });
        await rejected(round, prepare(round).at(0), "RoundHeaderWrongState", state);
      }
    });

    it("test_post_afterHalfTime_anyPart_reverts", async () => {
      const round = await hold(2 * PART_LANES, 10, {}, { config: { reportWindow: 10_001 } });
      const { at } = prepare(round);
      const half = round.context.state.deadline - 5_000n;
      await chain.helpers.time.setNextBlockTimestamp(half - 1n);
      await post(round, at(0));
      await chain.helpers.time.setNextBlockTimestamp(half);
      await rejected(round, at(1), "RoundsPostingClosed", half);
      const other = await hold(2 * PART_LANES, 10, {}, { deadline: half });
      await rejected(other, prepare(other).at(0), "RoundsPostingClosed", half - 5_000n);
    });

    it("test_post_replayedOnAnotherRoundFederationOrParent_reverts", async () => {
      const round = await hold(100, 1);
      const part = prepare(round).at(0);
      const { context } = round;
      await chain.rounds.setRound(2, context.round, context.state);
      await chain.rounds.setRound(1, 9_999, context.state);
      await refused(chain.postings.post(2, context.round, part.proof, part.lanes), chain.postings, "RoundHeaderMismatch");
      await refused(chain.postings.post(1, 9_999, part.proof, part.lanes), chain.postings, "RoundHeaderMismatch");
      await chain.rounds.setRound(1, 2, { ...context.state, hash: E.id("another parent"), state: 4 });
      await rejected(round, part, "RoundHeaderMismatch");
    });

    it("test_post_columnsThatWereNotSealed_reverts", async () => {
      const round = await hold(100, 1);
      const other = await hold(100, 1);
      const { weights, norms, updateRoots, traceRoots } = round;
      const cases: [Partial<PostingInput>, string][] = [
        [{ weights: weights.map((weight) => weight + 1) }, "RoundHeaderMismatch"],
        [{ updateRoots: [updateRoots[0]!, updateRoots[1]!, other.updateRoots[2]!] }, "RoundHeaderMismatch"],
        [{ norms: [norms[0]! + 1n, norms[1]!, norms[2]!] }, "PostingsWrongColumn"],
        [{ traceRoots: [traceRoots[0]!, traceRoots[1]!, other.traceRoots[2]!] }, "PostingsWrongColumn"],
        [{ config: { ...round.config, normSqBound: 5n } }, "RoundHeaderMismatch"],
      ];
      for (const [change, error] of cases) await rejected(round, prepare(round, 1, change).at(0), error);
    });

    it("test_post_otherLength_reverts", async () => {
      const round = await hold(100, 1);
      const { proof, lanes } = prepare(round).at(0);
      const tail = encodeLastTensor(specOf(100)).length;
      await rejected(round, { proof: proof.subarray(0, 360), lanes }, "RoundHeaderTooShort", 360);
      const fixed = proof.length - tail;
      await rejected(round, { proof: proof.subarray(0, fixed - 1), lanes }, "PostingsBadLength", fixed - 1, fixed);
      await rejected(round, { proof: proof.subarray(0, -1), lanes }, "ModelLanesBadLength", tail - 1, tail);
      await rejected(round, { proof: join(proof, "0x00"), lanes }, "ModelLanesBadLength", tail + 1, tail);
      const long = await hold(2 * PART_LANES, 10);
      const { at } = prepare(long);
      const first = at(0).proof;
      await rejected(long, { proof: join(first, "0x00"), lanes: at(0).lanes }, "PostingsBadLength", first.length + 1, first.length);
      await rejected(long, { proof: first.subarray(0, -1), lanes: at(0).lanes }, "PostingsBadLength", first.length - 1, first.length);
      await post(long, at(0));
      const short = at(1).proof.subarray(0, 361 + 74 * 3 + 3 + 63);
      await rejected(long, { proof: short, lanes: at(1).lanes }, "PostingsBadLength", short.length, short.length + 1);
    });
  });

  describe("libraries", () => {
    it("test_commit_randomVectors_sameAsTypeScript", async function () {
      this.timeout(120_000);
      let cases = 0;
      for (let depth = 0; depth < 5; depth++) {
        const updates = Array.from({ length: 420 }, (_, i) => lanes((depth === 0 ? 0 : 32 * 2 ** depth) + 1 + below(depth === 0 ? 64 : 32 * 2 ** depth), [4, 900, 65_536][i % 3]));
        for (let from = 0; from < updates.length; from += 60 >> depth) {
          const part = updates.slice(from, from + (60 >> depth));
          const [roots, traces, sums] = await chain.harness.commitAll(part.map((update) => bytesOf(update)), depth + 2);
          for (const [i, update] of part.entries()) {
            expect({ updateRoot: roots[i], normSq: sums[i], normTraceRoot: traces[i] }).to.deep.equal(commitUpdate(update));
            cases++;
          }
        }
      }
      expect(cases).to.be.at.least(2_000);
    });

    it("test_lanesOf_randomSpecifications_sameAsTypeScript", async () => {
      for (let i = 0; i < 60; i++) {
        const shape = () => Array.from({ length: below(4) }, () => 1 + below(20));
        const spec = createModelSpec(Array.from({ length: 1 + below(6) }, (_, k) => ({ name: `tensor ${k} é`, shape: shape(), fracBits: below(31) })));
        expect([...(await chain.harness.lanesOf(encodeLastTensor(spec)))]).to.deep.equal([specRoot(spec), BigInt(parameterCount(spec))]);
        expect(vectorShape(parameterCount(spec)).parameters).to.equal(parameterCount(spec));
      }
    });

    it("test_commit_starvedOfGas_revertsOrIsRight", async () => {
      const bytes = bytesOf(lanes(300));
      const [update, trace] = await chain.harness.commit(bytes, 6, 0);
      const need = Number(await chain.harness.gasOf(bytes, 6));
      const outcomes = new Set<boolean>();
      for (let gas = 600; gas < need + 6_000; gas += 50) {
        const [ok, foundUpdate, foundTrace] = await chain.harness.commitWithGas(gas, bytes, 6);
        outcomes.add(ok);
        if (ok) expect([foundUpdate, foundTrace], `${gas} gas`).to.deep.equal([update, trace]);
      }
      expect([...outcomes]).to.deep.equal([false, true]);
    });

    it("test_climb_starvedOfGas_revertsOrIsRight", async () => {
      const [node, siblings] = [E.id("node"), E.concat(Array.from({ length: 14 }, (_, i) => E.id(`sibling ${i}`)))];
      const right = await chain.harness.climb(node, siblings, 14, 0);
      const outcomes = new Set<boolean>();
      for (let gas = 600; gas < 12_000; gas += 20) {
        const [ok, found] = await chain.harness.climbWithGas(gas, node, siblings, 14);
        outcomes.add(ok);
        if (ok) expect(found, `${gas} gas`).to.equal(right);
      }
      expect([...outcomes]).to.deep.equal([false, true]);
    });

    it("test_commitAndClimb_chainWithoutThePrecompile_reverts", async () => {
      const { ethers, helpers, harness } = chain;
      // PUSH1 0x02, GAS, STATICCALL becomes a call of 0xee, where nothing is.
      const code = await ethers.provider.getCode(harness);
      const crippled = code.replaceAll("60025afa", "60ee5afa");
      expect(crippled).to.not.equal(code);
      const address = `0x${"c1".repeat(20)}`;
      await helpers.setCode(address, crippled);
      const there = await ethers.getContractAt("MockNormTrace", address);
      await refused(there.commit("0x01", 2, 0), harness, "SszSubtreeNoSha256");
      await refused(there.climb(E.id("node"), E.id("sibling"), 1, 0), harness, "SszSubtreeNoSha256");
      expect(await there.climb(E.id("node"), "0x", 0, 0)).to.equal(E.id("node"));
    });
  });

  it("test_post_gas_withinTargets", async function () {
    this.timeout(120_000);
    const measured: Record<string, bigint> = {};
    // Updates as training leaves them: mostly small. And the dearest: no zero byte at all.
    for (const [kind, make] of [["small", (n: number) => lanes(n, 600)], ["dense", (n: number) => Int16Array.from({ length: n }, () => 257 + below(200) * 128 | 1)]] as const) {
      for (const [length, depth] of [[64, 0], [1_024, 4], [32_768, 9]] as const) {
        for (const n of [6, 64]) {
          const entries = Array.from({ length: n }, (_, seat) => fakeEntry(seat, seat === 1 ? make(length) : lanes(9), depth));
          const round = await holdEntries(entries, length, depth);
          measured[`${kind} P=${length} n=${n}`] = (await (await post(round, prepare(round).at(0))).wait())!.gasUsed;
        }
      }
    }
    const long = await hold(2 * PART_LANES, 10);
    for (const part of [0, 1]) measured[`part ${part + 1} of 2`] = (await (await post(long, prepare(long).at(part))).wait())!.gasUsed;
    if (process.env["SHOW_GAS"] !== undefined) console.log(measured);
    expect(Number(measured["small P=64 n=6"])).to.be.below(130_000);
    expect(Number(measured["small P=1024 n=6"])).to.be.below(220_000);
    expect(Number(measured["dense P=32768 n=6"])).to.be.below(3_500_000);
    expect(Number(measured["dense P=32768 n=64"])).to.be.below(3_700_000);
  });
});

