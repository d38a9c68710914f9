import { expect } from "chai";
import { ethers as E } from "ethers";
import { network } from "hardhat";

import { concatBytes, toHex, type Hex } from "../../../protocol/bytes.ts";
import { encodeAggregateProof, type AggregateProofInput } from "../../../protocol/faults/aggregate-proof.ts";
import { effectiveWeights, openChunk, bytesOf, packUints, type FederationConfig, type Opening } from "../../../protocol/index.ts";
import { casesOf } from "../../support/effort.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { below, makeRound, randomOpening, realRound, syntheticRound, type AggregateRound, type Context, type RealRound } from "./aggregate-round.ts";

const HEADER = 361;
const PARENT = HEADER + 128;
/** Rules with a parameter that fits rounds of five entries. */
const RULES: readonly Pick<FederationConfig, "ruleId" | "ruleParam">[] = [
  { ruleId: 1, ruleParam: 0n },
  { ruleId: 2, ruleParam: 60_000n },
  { ruleId: 3, ruleParam: 1n },
  { ruleId: 4, ruleParam: 0n },
];

describe("AggregateVerifier", () => {
  const open = async () => {
    const { ethers, networkHelpers } = await network.create();
    const [harness, verifier] = [await ethers.deployContract("AggregateHarness"), await ethers.deployContract("AggregateVerifier")];
    const libraries = await Promise.all(["RoundHeader", "Aggregation", "UpdateColumn"].map(async (name) => (await ethers.getContractFactory(name)).interface));
    return { ethers, helpers: networkHelpers, harness, verifier, errors: [verifier.interface, ...libraries] };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  before(async () => {
    chain = await open();
  });

  /** "fault", or the name of the error with its arguments. Many proofs a call, as far as they fit one. */
  async function verdicts(round: AggregateRound, proofs: readonly Uint8Array[], change: Partial<Context["state"]> = {}): Promise<string[]> {
    const most = Math.max(1, Math.floor(200_000 / Math.max(1, ...proofs.map(({ length }) => length))));
    const answers: string[] = [];
    for (let start = 0; start < proofs.length; start += most) answers.push(...(await verdictsOf(round, proofs.slice(start, start + most), change)));
    return answers;
  }

  async function verdictsOf({ context, report }: AggregateRound, proofs: readonly Uint8Array[], change: Partial<Context["state"]>): Promise<string[]> {
    const { harness, verifier, errors } = chain;
    const told = { ...context, state: { ...context.state, ...change } };
    const [faulty, answers] = await harness.verdicts(verifier, told, proofs.map(toHex));
    return answers.map((answer, i) => {
      if (!faulty[i]) {
        const error = errors.map((each) => each.parseError(answer)).find((error) => error !== null);
        return error === undefined || error === null ? `unknown ${answer}` : `${error.name}(${error.args.map(String).join()})`;
      }
      expect(answer).to.equal(encodeReport(report));
      return "fault";
    });
  }
  const verdict = async (round: AggregateRound, proof: Uint8Array, change: Partial<Context["state"]> = {}) => (await verdicts(round, [proof], change))[0]!;
  const refusal = async (round: AggregateRound, proof: Uint8Array, change: Partial<Context["state"]> = {}) => (await verdict(round, proof, change)).split("(")[0];

  // --- what is wrong is found, and only that ---

  it("test_verify_randomRoundsOfEveryRule_faultAtTheWrongLaneOnly", async () => {
    const random = createRandom(3);
    for (let k = 0; k < casesOf(300); k++) {
      // A round of every rule is looked at in every lane.
      const everywhere = k < 4;
      const depth = everywhere ? 0 : below(random, 4);
      const lanes = 64 * 2 ** depth;
      const n = 1 + below(random, 8);
      const weights = Array.from({ length: n }, () => (random() < 0.2 ? 0 : 1 + below(random, 500)));
      const excluded = BigInt(below(random, 2 ** n) & below(random, 2 ** n));
      const counted = effectiveWeights(weights, excluded).filter((weight) => weight > 0).length;
      if (counted === 0) continue;
      const ruleId = 1 + (k % 4);
      const ruleParam = ruleId === 2 ? BigInt(1 + below(random, 300_000)) : ruleId === 3 ? BigInt(below(random, Math.floor((counted + 1) / 2))) : 0n;
      const [lane, by] = [below(random, lanes), random() < 0.5 ? 1 : -1];
      const options = { config: { ruleId, ruleParam, depth, hasBase: random() < 0.7 }, weights, excluded, spread: [65_536, 6][k % 2]! };
      const [honest, wrong] = [realRound(k, options), realRound(k, { ...options, wrong: { lane, by } })];
      const elsewhere = everywhere ? Array.from({ length: lanes }, (_, x) => x) : [0, lanes - 1, lane ^ 1, lane ^ 8, lane ^ 16, below(random, lanes)];
      const others = elsewhere.filter((x) => x !== lane);
      expect(await verdicts(honest, [lane, ...others].map(honest.proofAt)), `honest round ${k}`).to.deep.equal([lane, ...others].map((x) => noFault(honest, x)));
      expect(await verdicts(wrong, [lane, ...others].map(wrong.proofAt)), `round ${k}`).to.deep.equal(["fault", ...others.map((x) => noFault(wrong, x))]);
    }
  });

  it("test_verify_modelWithFewerParameters_paddingIsZeroOrAFault", async () => {
    for (const rule of RULES) {
      const options = { config: { ...rule, depth: 1 }, parameters: 77 };
      const honest = realRound(9, options);
      expect(await verdicts(honest, [76, 77, 127].map(honest.proofAt))).to.deep.equal([noFault(honest, 76), "AggregateVerifierNoFault(77,0)", "AggregateVerifierNoFault(127,0)"]);
      const wrong = realRound(9, { ...options, wrong: { lane: 100, by: 1 } });
      expect(await verdicts(wrong, [99, 100].map(wrong.proofAt))).to.deep.equal(["AggregateVerifierNoFault(99,0)", "fault"]);
    }
  });

  it("test_verify_baseAtTheEndsOfInt32_resultIsClamped", async () => {
    const random = createRandom(4);
    for (const hasBase of [true, false]) {
      for (const [base, value] of [[2 ** 31 - 1, 5], [-(2 ** 31), -5], [2 ** 31 - 3, 2], [-(2 ** 31), 32_767]] as const) {
        const expected = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, (hasBase ? base : 0) + value));
        for (const model of [expected, expected === 2 ** 31 - 1 ? expected - 1 : expected + 1]) {
          const vector = <T extends Int16Array | Int32Array>(lanes: T, lane: number): T => (lanes.fill(lane), lanes);
          const round = makeRound(
            {
              config: realRound(1, { config: { hasBase } }).input.config, weights: [3, 7], norms: [0n, 0n], excluded: 0n, lane: 21,
              updates: [vector(new Int16Array(64), value), vector(new Int16Array(64), value)],
              base: hasBase ? vector(new Int32Array(64), base) : null, model: vector(new Int32Array(64), model),
            },
            random,
          );
          expect(await verdict(round, encodeAggregateProof(round.input))).to.equal(model === expected ? `AggregateVerifierNoFault(21,${expected})` : "fault");
        }
      }
    }
  });

  it("test_verify_roundOf256EntriesOneExcludedOneDropped_fault", async () => {
    const weights = Array.from({ length: 256 }, (_, i) => (i === 254 ? 0 : 100));
    const round = realRound(12, { weights, excluded: 1n << 255n, wrong: { lane: 63, by: -1 } });
    expect(await verdicts(round, [62, 63].map(round.proofAt))).to.deep.equal([noFault(round, 62), "fault"]);
  });

  it("test_verify_deepTrees_fault", async () => {
    for (const [depth, rule] of [[14, 1], [19, 2], [25, 3], [25, 4]] as const) {
      const round = syntheticRound(5, depth, rule, depth);
      expect(await verdict(round, encodeAggregateProof(round.input)), `depth ${depth}`).to.equal("fault");
    }
  });

  // --- what the prover may not do ---

  const faulty = (options: Parameters<typeof realRound>[1] = {}): RealRound => {
    const config = { depth: 1, ...options.config };
    return realRound(70, { weights: [10, 0, 30, 40, 50, 60], excluded: 8n, ...options, config, wrong: { lane: LANE, by: 1 } });
  };
  const LANE = 37;
  const edited = ({ input }: AggregateRound, change: Partial<AggregateProofInput>) => encodeAggregateProof({ ...input, lane: LANE, ...change });

  it("test_verify_anyByteChanged_reverts", async () => {
    const { harness, verifier, errors } = chain;
    const selectorOf = (name: string) => errors.flatMap((each) => each.getError(name)?.selector ?? [])[0]!;
    for (const rule of RULES) {
      const round = realRound(70, { weights: [10, 0, 30, 40, 50], excluded: 8n, config: rule, wrong: { lane: LANE, by: 1 } });
      const proof = round.proofAt(LANE);
      // Norm clip has the norms themselves: the hash of the header is not read.
      const unread = rule.ruleId === 2 ? { from: 169, to: 201 } : { from: 0, to: 0 };
      const answers: string[] = [];
      for (let at = 0; at < proof.length; at += 200) {
        answers.push(...(await harness.changedByteVerdicts(verifier, round.context, toHex(proof), at, Math.min(at + 200, proof.length))));
      }
      const accepted = answers.flatMap((answer, at) => (answer === "0x00000000" ? [at] : []));
      expect(accepted).to.deep.equal(Array.from({ length: unread.to - unread.from }, (_, i) => unread.from + i));
      expect(new Set(answers)).to.include.keys(...["RoundHeaderMismatch", "AggregateVerifierWrongParent"].map(selectorOf));
    }
  });

  it("test_verify_innerNodeAsChunk_reverts", async () => {
    const round = faulty();
    const { updates, model, config } = round.input;
    // A tree that is one level lower, with nodes for chunks: all of it is consistent but the depth.
    const lifted = (vector: Int16Array | Int32Array, depth: number, index: number): Opening => {
      const { chunk, siblings } = openChunk(bytesOf(vector), depth, index);
      const pair = index % 2 === 0 ? [chunk, siblings.subarray(0, 32)] : [siblings.subarray(0, 32), chunk];
      return { chunk: E.getBytes(E.sha256(E.concat(pair))), siblings: siblings.subarray(32) };
    };
    const lane = LANE >> 1;
    const change = {
      lane,
      updates: updates.map((update) => lifted(update as Int16Array, 3, LANE >> 4)),
      base: lifted(round.input.base as Int32Array, 4, LANE >> 3),
      model: lifted(model as Int32Array, 4, LANE >> 3),
    };
    expect(await refusal(round, edited(round, { ...change, config: { ...config, depth: 0 } })), "another depth is another configuration").to.equal("RoundHeaderMismatch");
    const short = edited(round, { ...change, config: { ...config, depth: 0 } });
    expect(await refusal(round, replaced(short, 16, Uint8Array.of(1))), "the depth that is signed wants longer openings").to.equal("AggregateVerifierBadLength");
  });

  it("test_verify_truncatedOrExtended_reverts", async () => {
    for (const rule of RULES) {
      const round = faulty({ config: rule });
      const proof = round.proofAt(LANE);
      const wrong = [proof.subarray(0, -1), proof.subarray(0, -32), proof.subarray(0, HEADER), concatBytes([proof, new Uint8Array(1)]), concatBytes([proof, new Uint8Array(32)])];
      for (const other of wrong) expect(await verdict(round, other)).to.match(new RegExp(`^AggregateVerifierBadLength\\(\\d+,${other.length}\\)$`));
      for (const length of [0, 1, HEADER - 1]) expect(await verdict(round, proof.subarray(0, length))).to.equal(`RoundHeaderTooShort(${length})`);
    }
  });

  it("test_verify_swappedEntries_reverts", async () => {
    const round = faulty();
    const { updates, weights } = round.input;
    const swap = <T>(list: readonly T[]): T[] => list.with(2, list[4]!).with(4, list[2]!);
    expect(await refusal(round, edited(round, { updates: swap(updates) }))).to.equal("RoundHeaderMismatch");
    expect(await refusal(round, edited(round, { updates: swap(updates), weights: swap(weights) }))).to.equal("RoundHeaderMismatch");
  });

  it("test_verify_openingOfAnotherLanesChunk_reverts", async () => {
    const round = faulty();
    const { updates, base, model } = round.input;
    const other = LANE ^ 16;
    const update = openChunk(bytesOf(updates[2] as Int16Array), 3, other >> 4);
    expect(await refusal(round, edited(round, { updates: updates.with(2, update) }))).to.equal("RoundHeaderMismatch");
    expect(await refusal(round, edited(round, { model: openChunk(bytesOf(model as Int32Array), 4, other >> 3) }))).to.equal("RoundHeaderMismatch");
    expect(await refusal(round, edited(round, { base: openChunk(bytesOf(base as Int32Array), 4, other >> 3) }))).to.equal("AggregateVerifierWrongParent");
  });

  it("test_verify_weightsAltered_reverts", async () => {
    const round = faulty();
    const { weights } = round.input;
    for (const [i, weight] of [[0, 11], [1, 1], [3, 41], [5, 0]] as const) {
      expect(await refusal(round, edited(round, { weights: weights.with(i, weight) })), `entry ${i}`).to.equal("RoundHeaderMismatch");
    }
    const more = edited(round, { weights: [...weights, 5], updates: [...round.input.updates, new Int16Array(128)] });
    expect(await refusal(round, more), "one entry more").to.equal("AggregateVerifierBadLength");
    expect(await refusal(round, more, { entries: 7 }), "even if the ledger had it").to.equal("RoundHeaderMismatch");
  });

  it("test_verify_normsAltered_reverts", async () => {
    const round = faulty({ config: { ruleId: 2, ruleParam: 60_000n } });
    expect(await verdict(round, round.proofAt(LANE))).to.equal("fault");
    const norms = round.input.norms!;
    for (const i of norms.keys()) expect(await refusal(round, edited(round, { norms: norms.with(i, norms[i]! + 1n) }))).to.equal("RoundHeaderMismatch");
  });

  it("test_verify_exclusionsAltered_reverts", async () => {
    const round = faulty();
    const { report } = round.input;
    for (const excluded of [0n, 1n, 9n, 8n | (1n << 255n)]) {
      expect(await refusal(round, edited(round, { report: { ...report, excluded } })), `${excluded}`).to.equal("RoundHeaderMismatch");
    }
  });

  it("test_verify_excludedEntryOpenedOrCountedEntryNot_reverts", async () => {
    const round = faulty();
    const proof = round.proofAt(LANE);
    const items = PARENT + 4 + 12;
    // Entries 0 and 2 are opened with 32·4 bytes, 1 and 3 have 32 bytes each.
    const long = concatBytes([proof.subarray(0, items + 128 + 32), proof.subarray(items + 128, items + 128 + 32), new Uint8Array(64), proof.subarray(items + 160)]);
    const short = concatBytes([proof.subarray(0, items), proof.subarray(items + 96)]);
    for (const other of [long, short]) expect(await refusal(round, other)).to.equal("AggregateVerifierBadLength");
  });

  it("test_verify_anotherRoundsModelAsBase_reverts", async () => {
    const [round, other] = [faulty(), realRound(71, { config: { depth: 1 } })];
    expect(await verdict(round, edited(round, { parent: other.parent, base: other.input.base }))).to.match(/^AggregateVerifierWrongParent/);
    expect(await refusal(round, edited(round, { base: other.input.base }))).to.equal("AggregateVerifierWrongParent");
    expect(await refusal(round, edited(round, { base: randomOpening(createRandom(1), 4) }))).to.equal("AggregateVerifierWrongParent");
    // The report that this round pins may only be opened as what the ledger has as its parent.
    for (const change of [{ parentRound: round.context.round - 2 }, { parentAttempt: 9 }]) {
      expect(await refusal(round, round.proofAt(LANE), change)).to.equal("AggregateVerifierWrongParent");
    }
  });

  it("test_verify_parentReplaced_reverts", async () => {
    const round = faulty();
    const context = { ...round.context, parentHash: E.id("another report") as Hex };
    expect(await refusal({ ...round, context }, round.proofAt(LANE))).to.equal("RoundHeaderMismatch");
  });

  it("test_verify_otherFederationRoundOrAttempt_reverts", async () => {
    const round = faulty();
    const proof = round.proofAt(LANE);
    const { context } = round;
    for (const change of [{ federation: context.federation + 1 }, { round: context.round + 1 }]) {
      expect(await refusal({ ...round, context: { ...context, ...change } }, proof)).to.equal("RoundHeaderMismatch");
    }
    expect(await refusal(round, proof, { attempt: context.state.attempt + 1 }), "attempt of the report").to.equal("RoundHeaderMismatch");
    expect(await refusal(round, replaced(proof, 0, Uint8Array.of(9))), "attempt of the seal").to.equal("RoundHeaderMismatch");
    const other = realRound(72, { weights: [10, 0, 30, 40, 50, 60], excluded: 8n, config: { depth: 1 }, wrong: { lane: LANE, by: 1 } });
    expect(await refusal(round, other.proofAt(LANE)), "proof of another round").to.equal("RoundHeaderMismatch");
  });

  it("test_verify_roundThatIsNotReported_reverts", async () => {
    const round = faulty();
    // Even one whose hash is what the proof opens: of its seal, or of its report.
    for (const state of [0, 1, 2, 4, 5]) {
      for (const held of [round.context.state.hash, round.report.sealHash]) {
        expect(await verdict(round, round.proofAt(LANE), { state, hash: held })).to.equal(`RoundHeaderWrongState(${state})`);
      }
    }
  });

  it("test_verify_anotherConfiguration_reverts", async () => {
    const round = faulty();
    const { config } = round.input;
    const changes: Partial<FederationConfig>[] = [{ ruleId: 2, ruleParam: 5n }, { ruleId: 3 }, { ruleId: 4 }, { ruleParam: 1n }, { challengeWindow: config.challengeWindow + 1 }, { modelSpecRoot: E.id("x") as Hex }];
    for (const change of changes) expect(await refusal(round, edited(round, { config: { ...config, ...change } }))).to.equal("RoundHeaderMismatch");
    const without = edited(round, { config: { ...config, hasBase: false }, parent: null, base: null });
    expect(await refusal(round, without), "as if it had no base").to.equal("RoundHeaderMismatch");
  });

  it("test_verify_ruleOrWidthThatIsNotKnown_reverts", async () => {
    const random = createRandom(8);
    const known = syntheticRound(3, 0, 1, 8).input;
    for (const [change, error] of [
      [{ ruleId: 0 }, "AggregateVerifierUnknownRule(0)"], [{ ruleId: 5 }, "AggregateVerifierUnknownRule(5)"], [{ ruleId: 65_535 }, "AggregateVerifierUnknownRule(65535)"],
      [{ elementWidth: 4 }, "AggregateVerifierUnsupportedWidth(4)"], [{ elementWidth: 0 }, "AggregateVerifierUnsupportedWidth(0)"],
    ] as const) {
      // Sealed as such: only the verifier stands against it.
      const config = { ...known.config, ...change };
      const round = makeRound({ ...known, norms: known.norms!, excluded: 0n, config }, random);
      const proof = encodeAggregateProof({ ...round.input, config: known.config });
      const fields = concatBytes([packUints([config.ruleId], 2), proof.subarray(3, 14), packUints([config.elementWidth], 1)]);
      expect(await verdict(round, replaced(proof, 1, fields))).to.equal(error);
    }
  });

  it("test_verify_laneOutOfRange_reverts", async () => {
    const round = faulty();
    const proof = round.proofAt(LANE);
    // Each names the chunks of lane 37 if higher bits are dropped.
    for (const lane of [128, 128 + LANE, 2 ** 31 + LANE, 2 ** 32 - 1]) {
      expect(await verdict(round, replaced(proof, PARENT, packUints([lane], 4)))).to.equal(`AggregateVerifierLaneOutOfRange(${lane},128)`);
    }
  });

  it("test_verify_wrongRankHints_reverts", async () => {
    for (const [rule, weights] of [[RULES[2]!, [1, 1, 1, 1, 1]], [RULES[3]!, [1, 1, 1, 1, 1]], [RULES[3]!, [1, 1, 1, 1]]] as const) {
      for (const spread of [65_536, 4]) {
        const round = realRound(40, { config: rule, weights, spread, wrong: { lane: 20, by: 1 } });
        const proof = round.proofAt(20);
        const view = new DataView(proof.buffer, proof.byteOffset + PARENT + 4);
        const [lowest, highest] = [view.getInt16(0), view.getInt16(2)];
        expect(await verdict(round, proof)).to.equal("fault");
        for (const [low, high] of [[lowest - 1, highest], [lowest + 1, highest], [lowest, highest - 1], [lowest, highest + 1], [lowest + 1, highest + 1], [-32_768, 32_767], [32_767, -32_768]] as const) {
          const hints = packUints([low & 0xffff, high & 0xffff], 2);
          expect(await verdict(round, replaced(proof, PARENT + 4, hints))).to.equal(`AggregationWrongRanks(${low},${high})`);
        }
      }
    }
  });

  it("test_verify_chainWithoutThePrecompile_reverts", async () => {
    const { ethers, helpers, verifier, errors } = chain;
    const round = faulty();
    const code = await ethers.provider.getCode(verifier);
    const address = `0x${"c2".repeat(20)}`;
    // PUSH1 0x02, GAS, STATICCALL becomes a call of 0xee, where nothing is.
    await helpers.setCode(address, code.replaceAll("60025afa", "60ee5afa"));
    const there = await ethers.getContractAt("AggregateVerifier", address);
    await expect(there.verify(round.context, round.proofAt(LANE))).to.be.revertedWithCustomError({ interface: errors[3]! }, "UpdateColumnNoSha256");
  });

  it("test_verify_starvedOfGas_revertsOrIsRight", async () => {
    const { verifier } = chain;
    const round = faulty();
    const proof = toHex(round.proofAt(LANE));
    const need = Number(await verifier.verify.estimateGas(round.context, proof));
    const outcomes = new Set<boolean>();
    for (let gas = need - 40_000; gas < need + 3_000; gas += 500) {
      const ok = await verifier.verify(round.context, proof, { gasLimit: gas }).then(([kind]) => kind === 1n, () => false);
      outcomes.add(ok);
    }
    expect([...outcomes]).to.deep.equal([false, true]);
  });

  it("test_open_dirtyMemory_asInCleanMemory", async () => {
    const { harness } = chain;
    const random = createRandom(6);
    for (const depth of [0, 1, 2, 3, 4, 7]) {
      const updates = [1, 2, 3, 4].map(() => Int16Array.from({ length: 64 * 2 ** depth }, () => below(random, 65_536) - 32_768));
      const lane = below(random, 64 * 2 ** depth);
      const round = realRound(depth, { config: { depth } });
      const made = makeRound({ ...round.input, norms: [], excluded: 2n, weights: [5, 6, 0, 8], updates, lane }, random);
      const proof = encodeAggregateProof(made.input);
      const items = proof.subarray(PARENT + 4 + 8, PARENT + 4 + 8 + 2 * 32 * (depth + 3) + 64);
      const [rootsHash, values, kept] = await harness.open(toHex(items), depth, lane, [5, 0, 0, 8], `0x${"a5".repeat(32)}`);
      expect(rootsHash).to.equal(made.seal.updateRootsHash);
      expect(values.map(Number)).to.deep.equal([updates[0]![lane], 0, 0, updates[3]![lane]]);
      expect(kept).to.equal(true);
    }
  });

  it("test_verify_sixteenEntriesAtDepth14_below115kGas", async () => {
    const { harness, verifier } = chain;
    const round = syntheticRound(16, 14, 1, 7);
    const receipt = await (await harness.gasOf(verifier, round.context, toHex(encodeAggregateProof(round.input)))).wait();
    const used = receipt!.logs.map((log) => harness.interface.parseLog(log)).find((log) => log?.name === "Measured");
    expect(Number(used!.args[0])).to.be.below(115_000);
  });
});

const noFault = ({ honest }: RealRound, lane: number): string => `AggregateVerifierNoFault(${lane},${honest[lane] ?? 0})`;

function replaced(proof: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const copy = proof.slice();
  copy.set(bytes, at);
  return copy;
}

function encodeReport({ federation, round, attempt, sealHash, modelRoot, metricsHash, excluded, artefact }: AggregateRound["report"]): string {
  const types = ["uint32", "uint32", "uint8", "bytes32", "bytes32", "bytes32", "uint256", "bytes32"];
  return E.AbiCoder.defaultAbiCoder().encode(types, [federation, round, attempt, sealHash, modelRoot, metricsHash, excluded, artefact]);
}
