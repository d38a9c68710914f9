import { expect } from "chai";
import { ethers as E } from "ethers";
import { network } from "hardhat";

import { concatBytes, toHex, type Hex } from "../../../protocol/bytes.ts";
import { encodeRewardsProof, findRewardsFault, type ProposedSettlement, type RewardsFacts, type RewardsFault } from "../../../protocol/faults/rewards-proof.ts";
import {
  accumulate,
  buildRewardsTree,
  columnHash,
  memberAt,
  packMembers,
  packScores,
  packUints,
  rewardsLeaf,
  statementHash,
  ZERO_ADDRESS,
  type Member,
} from "../../../protocol/index.ts";
import { casesOf } from "../../support/effort.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { must } from "../rounds/world.ts";
import { absent, honest, nextMembers, payee, scoresOf, shares, sum, type Claims, type Facts } from "./rewards-facts.ts";

const FEDERATIONS = [1, 2, 3] as const;
const FINAL_ROUND = 9;
const REPORT = E.id("last final report") as Hex;
const ANSWERS = ["no fault", "fault", "reverted"] as const;
/** Random settlements of the differential test; each is proposed honestly and with every mutation that it has room for. */
const SETTLEMENTS = casesOf(170);

describe("RewardsVerifier", () => {
  const open = async () => {
    const { ethers } = await network.create();
    const world = await ethers.deployContract("RewardsWorld");
    const verifier = await ethers.deployContract("RewardsVerifier", [world, world, world, world]);
    for (const federation of FEDERATIONS) {
      await world.set({ federation, granted: 0, finalRound: FINAL_ROUND, payeesAt: 0, reportHash: REPORT, rewardsRoot: E.ZeroHash, payees: [] });
    }
    const vaults = new Map<number, Hex>(await Promise.all(FEDERATIONS.map(async (federation) => [federation, (await world.vaultOf(federation)) as Hex] as const)));
    return { ethers, world, verifier, vaults };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  before(async () => {
    chain = await open();
  });

  const domainOf = (federation: number) => ({ chainId: 31_337, vault: must(chain.vaults.get(federation)), federation });
  const rootOf = async (federation: number, members: readonly Member[]) => (await buildRewardsTree(domainOf(federation), packMembers(members))).root;

  async function propose(facts: Facts, { amounts, members, root }: Claims): Promise<ProposedSettlement> {
    const scores = packScores(scoresOf(facts));
    const entitlements = packUints(amounts, 12);
    const statement = {
      federation: facts.federation,
      index: 3,
      attempt: 1,
      firstRound: 5,
      lastRound: 10,
      lastReportHash: facts.reportHash ?? REPORT,
      scoresHash: columnHash(scores),
      entitlementsHash: columnHash(entitlements),
      rewardsRoot: root ?? (await rootOf(facts.federation, members)),
      distributed: sum(amounts) % 2n ** 128n,
      total: 12_345n,
      artefact: E.id("artefact") as Hex,
    };
    return { statement, finalRound: FINAL_ROUND, scores, entitlements };
  }

  const contextOf = ({ statement }: ProposedSettlement, { pool }: Facts) => ({
    federation: statement.federation,
    index: statement.index,
    attempt: statement.attempt,
    statementHash: statementHash(statement),
    pool,
  });
  const worldOf = async (facts: Facts) => ({
    federation: facts.federation,
    granted: facts.granted ?? facts.payees.length,
    finalRound: FINAL_ROUND,
    payeesAt: 1_700_000_000,
    reportHash: REPORT,
    rewardsRoot: await rootOf(facts.federation, facts.previous),
    // Those beyond the columns have a payee too.
    payees: [...facts.payees, payee(90)],
  });

  interface Question {
    readonly context: ReturnType<typeof contextOf>;
    readonly proof: Hex;
  }
  const question = (settlement: ProposedSettlement, facts: Facts, fault: RewardsFault): Question => ({
    context: contextOf(settlement, facts),
    proof: toHex(encodeRewardsProof(settlement, fault)),
  });
  const entitlement = (seat: number): RewardsFault => ({ kind: "entitlement", seat });
  const table = (previous: readonly Member[]): RewardsFault => ({ kind: "table", previousMembers: packMembers(previous) });

  /** Answers of the contract, in order. Nothing is left on the chain. */
  async function ask(facts: Facts, questions: readonly Question[]): Promise<string[]> {
    const answers = await chain.world.ask.staticCall(chain.verifier, await worldOf(facts), [...questions]);
    return [...E.getBytes(answers)].map((answer) => must(ANSWERS[answer]));
  }
  const answer = async (facts: Facts, claims: Claims, fault: RewardsFault) =>
    must((await ask(facts, [question(await propose(facts, claims), facts, fault)]))[0]);
  /** The error that a proof reverts with. */
  async function refusal(facts: Facts, { context, proof }: Question): Promise<{ name: string; args: unknown[] }> {
    await chain.world.set(await worldOf(facts));
    try {
      await chain.verifier.verifySettlement(context, proof);
    } catch (error) {
      const { data } = error as { data?: string };
      const parsed = data === undefined ? null : chain.verifier.interface.parseError(data);
      if (parsed !== null) return { name: parsed.name, args: [...parsed.args] };
      throw error;
    }
    return { name: "none", args: [] };
  }

  const FACTS: Facts = {
    federation: 1,
    pool: 1_000n * 10n ** 18n + 1n,
    scores: [10n, 20n, 0n, 30n, 7n],
    payees: [payee(0), payee(1), payee(2), ZERO_ADDRESS, payee(4)],
    previous: [{ payee: payee(0), cumulative: 5n }, absent, { payee: payee(9), cumulative: 6n }, { payee: payee(8), cumulative: 7n }],
  };

  // --- what is right is not disproved, what is wrong is ---

  it("test_verifySettlement_randomSettlements_honestNeverMutatedAlways_succeeds", async function () {
    this.timeout(180_000);
    const random = createRandom(20_260_101);
    const below = (limit: number) => Math.floor(random() * limit);
    const pick = <T>(values: readonly T[]) => must(values[below(values.length)]);
    const big = (bits: number) => Array.from({ length: Math.ceil(bits / 24) }, () => BigInt(below(2 ** 24))).reduce((a, b) => (a << 24n) | b, 0n) & ((1n << BigInt(bits)) - 1n);
    const replaced = <T>(values: readonly T[], at: number, value: T): T[] => values.map((each, i) => (i === at ? value : each));

    function randomFacts(): Facts {
      const seats = pick([0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17]);
      const scale = pick([0, 3, 16, 64]);
      const payees = Array.from({ length: seats }, (_, i) => (random() < 0.2 ? ZERO_ADDRESS : payee(below(2) === 0 ? i : below(5))));
      const before = below(seats + 1);
      return {
        federation: pick(FEDERATIONS),
        pool: big(pick([0, 4, 70, 95])),
        scores: payees.map(() => (random() < 0.15 ? 0n : big(scale))),
        nobody: random() < 0.4 ? 0n : big(scale),
        payees,
        previous: Array.from({ length: before }, () => (random() < 0.3 ? absent : { payee: payee(below(8)), cumulative: 1n + big(pick([2, 60, 127])) })),
        granted: seats + below(2),
      };
    }

    /** One thing wrong each; which questions must then be answered with a fault. */
    function mutations(facts: Facts, right: Claims): { claims: Claims; seat?: number; tree: boolean }[] {
      const seats = right.amounts.length;
      const found: { claims: Claims; seat?: number; tree: boolean }[] = [{ claims: { ...right, root: toHex(packUints([big(250)], 32)) }, tree: true }];
      if (seats === 0) return found;
      const at = below(seats);
      const amount = must(right.amounts[at]);
      const member = must(right.members[at]);
      for (const wrong of new Set([amount + 1n, amount === 0n ? 2n : amount - 1n, amount === 0n ? 3n : 0n, big(96)])) {
        if (wrong === amount) continue;
        const amounts = replaced(right.amounts, at, wrong);
        // The tree that belongs to the wrong amounts, and the one that does not.
        found.push({ claims: { amounts, members: nextMembers(facts, amounts) }, seat: at, tree: false });
        found.push({ claims: { amounts, members: right.members }, seat: at, tree: true });
      }
      found.push({ claims: { ...right, members: replaced(right.members, at, { payee: member.payee, cumulative: member.cumulative + 1n }) }, tree: true });
      const declinedShare = must(shares(facts)[at]);
      if (BigInt(must(facts.payees[at])) === 0n && declinedShare !== 0n) {
        const amounts = replaced(right.amounts, at, declinedShare);
        found.push({ claims: { amounts, members: nextMembers(facts, amounts) }, seat: at, tree: false });
      }
      if (member.cumulative !== 0n) {
        found.push({ claims: { ...right, members: replaced(right.members, at, { ...member, payee: payee(77) }) }, tree: true });
        found.push({ claims: { ...right, members: replaced(right.members, at, absent) }, tree: true });
        found.push({ claims: { ...right, members: [...right.members.slice(0, at), absent, ...right.members.slice(at)] }, tree: true });
      }
      const otherPrevious = replaced(facts.previous, at, { payee: payee(66), cumulative: 9n });
      if (at < facts.previous.length) found.push({ claims: { ...right, members: nextMembers({ ...facts, previous: otherPrevious }, right.amounts) }, tree: true });
      return found;
    }

    let cases = 0;
    let asked = 0;
    for (let i = 0; i < SETTLEMENTS; i++) {
      const facts = randomFacts();
      const right = honest(facts);
      const previousMembers = packMembers(facts.previous);
      expect(toHex(packMembers(right.members))).to.equal(toHex(accumulate(previousMembers, right.amounts, facts.payees)));
      const known: RewardsFacts = { domain: domainOf(facts.federation), pool: facts.pool, payees: facts.payees, previousMembers };

      const questions: Question[] = [];
      const expected: { what: string; answer: string }[] = [];
      const put = (settlement: ProposedSettlement, fault: RewardsFault, want: (typeof ANSWERS)[number]) => {
        questions.push(question(settlement, facts, fault));
        expected.push({ what: `settlement ${i}, ${fault.kind === "entitlement" ? `seat ${fault.seat}` : "table"}, case ${cases}`, answer: want });
      };
      const settlement = await propose(facts, right);
      expect(await findRewardsFault(settlement, known)).to.equal(null);
      cases++;
      for (let seat = 0; seat < right.amounts.length; seat++) put(settlement, entitlement(seat), "no fault");
      put(settlement, entitlement(right.amounts.length), "reverted");
      put(settlement, table(facts.previous), "no fault");

      for (const { claims, seat, tree } of mutations(facts, right)) {
        const wrong = await propose(facts, claims);
        cases++;
        const found = must(await findRewardsFault(wrong, known));
        expect(found).to.deep.equal(seat === undefined ? { kind: "table", previousMembers } : entitlement(seat));
        put(wrong, found, "fault");
        if (seat !== undefined) put(wrong, table(facts.previous), tree ? "fault" : "no fault");
        const other = below(Math.max(1, claims.amounts.length));
        if (other !== seat && claims.amounts.length > 0) put(wrong, entitlement(other), "no fault");
        put(wrong, table([...facts.previous, { payee: payee(5), cumulative: 1n }]), "reverted");
      }
      asked += questions.length;
      const answers = await ask(facts, questions);
      expect(expected.map(({ what }, k) => ({ what, answer: answers[k] }))).to.deep.equal(expected);
    }
    expect(cases).to.be.above(casesOf(1_900));
    expect(asked).to.be.above(casesOf(5_700));
  });

  it("test_verifySettlement_noMembersOneMember_rootsAreTheProtocols_succeeds", async () => {
    const none: Facts = { ...FACTS, scores: [], payees: [], previous: [] };
    expect(await answer(none, { amounts: [], members: [] }, table([]))).to.equal("no fault");
    expect(await answer(none, { amounts: [], members: [], root: E.id("something") as Hex }, table([]))).to.equal("fault");
    const one: Facts = { ...FACTS, scores: [4n], payees: [payee(3)], previous: [] };
    const leaf = rewardsLeaf(domainOf(1), 0, payee(3), FACTS.pool);
    expect(await answer(one, { amounts: [FACTS.pool], members: [], root: leaf }, table([]))).to.equal("no fault");
    const twice = E.keccak256(E.concat([leaf, E.ZeroHash])) as Hex;
    expect(await answer(one, { amounts: [FACTS.pool], members: [], root: twice }, table([]))).to.equal("fault");
  });

  it("test_verifySettlement_twoHundredFiftySixSeats_succeeds", async () => {
    const seats = Array.from({ length: 256 }, (_, i) => i);
    const facts: Facts = { ...FACTS, scores: seats.map((i) => BigInt(i)), payees: seats.map(payee), previous: seats.map((i) => ({ payee: payee(i), cumulative: BigInt(i + 1) })) };
    const right = honest(facts);
    const wrong = { ...right, members: right.members.map((member, i) => (i === 255 ? { ...member, cumulative: member.cumulative + 1n } : member)) };
    expect(await answer(facts, right, table(facts.previous))).to.equal("no fault");
    expect(await answer(facts, wrong, table(facts.previous))).to.equal("fault");
    expect(await answer(facts, right, entitlement(255))).to.equal("no fault");
  });

  // --- attacks ---

  it("test_verifySettlement_truncatedOrExtendedProof_reverts", async () => {
    const claims = { ...honest(FACTS), amounts: honest(FACTS).amounts.map((amount, i) => (i === 1 ? amount + 1n : amount)), root: E.id("wrong") as Hex };
    const settlement = await propose(FACTS, claims);
    for (const fault of [entitlement(1), table(FACTS.previous)]) {
      const { context, proof } = question(settlement, FACTS, fault);
      const cut = Array.from({ length: (proof.length - 2) / 2 }, (_, length) => ({ context, proof: proof.slice(0, 2 + 2 * length) as Hex }));
      const longer = ["00", "01", "00".repeat(36)].map((more) => ({ context, proof: `${proof}${more}` as Hex }));
      expect(await ask(FACTS, [{ context, proof }])).to.deep.equal(["fault"]);
      expect(new Set(await ask(FACTS, [...cut, ...longer]))).to.deep.equal(new Set(["reverted"]));
      const length = (proof.length - 2) / 2;
      expect(await refusal(FACTS, { context, proof: `${proof}00` })).to.deep.equal({ name: "RewardsProofLength", args: [BigInt(length + 1), BigInt(length)] });
      expect(await refusal(FACTS, { context, proof: proof.slice(0, -2) as Hex })).to.deep.equal({ name: "RewardsProofLength", args: [BigInt(length - 1), BigInt(length)] });
    }
    // Within the columns of five seats, too, it is refused by name.
    const within = toHex(encodeRewardsProof(settlement, entitlement(1))).slice(0, 2 + 2 * 150) as Hex;
    expect(await refusal(FACTS, { context: contextOf(settlement, FACTS), proof: within })).to.deep.equal({ name: "RewardsProofLength", args: [150n, 253n] });
    expect(await refusal(FACTS, { context: contextOf(settlement, FACTS), proof: "0x" })).to.deep.equal({ name: "RewardsProofLength", args: [0n, 142n] });
  });

  it("test_verifySettlement_bytesBehindTheProof_doNotCount_succeeds", async () => {
    // A table shorter than the columns: what calldata holds behind it is no member.
    const facts: Facts = { ...FACTS, previous: [{ payee: payee(0), cumulative: 5n }] };
    const { context, proof } = question(await propose(facts, honest(facts)), facts, table(facts.previous));
    await chain.world.set(await worldOf(facts));
    const call = chain.verifier.interface.encodeFunctionData("verifySettlement", [context, proof]);
    const padding = 2 * ((call.length / 2 - 1 - 4 - 7 * 32) - (proof.length / 2 - 1)); // hex digits between the proof's end and the next word
    for (const data of [call, `${call.slice(0, call.length - padding)}${"ff".repeat(200)}`]) {
      const result = await chain.ethers.provider.call({ to: await chain.verifier.getAddress(), data });
      expect(chain.verifier.interface.decodeFunctionResult("verifySettlement", result)[0]).to.equal(false);
    }
  });

  it("test_verifySettlement_anyByteOfTheOpenedStatement_reverts", async () => {
    // Seat 3 declined and is paid: the proof needs the final round too.
    const amounts = shares(FACTS);
    const settlement = await propose(FACTS, { amounts, members: [] });
    const { context, proof } = question(settlement, FACTS, entitlement(3));
    const bytes = E.getBytes(proof);
    const flipped = Array.from({ length: 142 + 20 * 5 }, (_, at) => ({ context, proof: E.hexlify(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))) as Hex }));
    expect(await ask(FACTS, [{ context, proof }])).to.deep.equal(["fault"]);
    expect(new Set(await ask(FACTS, flipped))).to.deep.equal(new Set(["reverted"]));
    for (const change of [{ federation: 2 }, { index: 4 }, { attempt: 2 }, { statementHash: E.id("other") as Hex }]) {
      expect((await refusal(FACTS, { context: { ...context, ...change }, proof })).name, JSON.stringify(change)).to.equal("RewardsStatementMismatch");
    }
  });

  it("test_verifySettlement_preimageConfusion_reverts", async () => {
    const right = honest(FACTS);
    const settlement = await propose(FACTS, right);
    const { context, proof } = question(settlement, FACTS, entitlement(0));
    const bytes = E.getBytes(proof);
    const [scores, entitlements] = [bytes.slice(142, 142 + 40), bytes.slice(182, 182 + 60)];
    const build = (seats: number, columns: Uint8Array, tail: Uint8Array) => E.hexlify(concatBytes([bytes.slice(0, 140), packUints([seats], 2), columns, tail])) as Hex;
    const tail = bytes.slice(242);
    const confused = [
      // The columns change places, or another number of seats moves the border between them.
      build(5, concatBytes([entitlements.slice(0, 40), scores, entitlements.slice(40)]), tail),
      ...[0, 1, 3, 4, 6, 10].map((seats) => build(seats, concatBytes([scores, entitlements]).slice(0, 20 * seats), tail)),
      // One column for both.
      build(5, concatBytes([scores, scores, new Uint8Array(20)]), tail),
    ];
    expect(new Set(await ask(FACTS, confused.map((each) => ({ context, proof: each }))))).to.deep.equal(new Set(["reverted"]));

    // An inner node of the vault's tree for a member, a member's two halves for two, the same table one seat later: none hashes to the vault's root.
    const previous = FACTS.previous;
    const node = E.keccak256(E.concat([rewardsLeaf(domainOf(1), 0, must(previous[0]).payee, 5n), E.ZeroHash])) as Hex;
    const asMember: Member = { payee: E.getAddress(E.dataSlice(node, 0, 20)) as Hex, cumulative: BigInt(E.dataSlice(node, 20)) };
    const tables: Member[][] = [[], [asMember], [asMember, must(previous[1])], [absent, ...previous], previous.slice(0, 3), [...previous, ...previous], previous.toReversed(), previous.slice(0, 2)];
    for (const members of tables) {
      expect((await refusal(FACTS, question(settlement, FACTS, table(members)))).name).to.equal("RewardsTableMismatch");
    }
  });

  it("test_verifySettlement_unknownKindOrSeat_reverts", async () => {
    const settlement = await propose(FACTS, honest(FACTS));
    const { context, proof } = question(settlement, FACTS, entitlement(0));
    const kind = (value: string) => ({ context, proof: `${proof.slice(0, -6)}${value}${proof.slice(-4)}` as Hex });
    for (const value of ["02", "80", "ff"]) expect(await refusal(FACTS, kind(value))).to.deep.equal({ name: "RewardsUnknownKind", args: [BigInt(`0x${value}`)] });
    for (const seat of [5, 255, 65_535]) {
      expect(await refusal(FACTS, question(settlement, FACTS, entitlement(seat)))).to.deep.equal({ name: "RewardsNoSuchSeat", args: [BigInt(seat), 5n] });
    }
  });

  it("test_verifySettlement_wrongFinalRound_reverts", async () => {
    // Both kinds of proof that need to know who is paid.
    const amounts = shares(FACTS);
    const settlement = await propose(FACTS, { amounts, members: [] });
    const faults = [entitlement(3), table(FACTS.previous)];
    const wrongRound = { name: "RewardsWrongRound", args: [BigInt(FINAL_ROUND)] };
    const { world } = chain;
    for (const fault of faults) {
      expect(await refusal(FACTS, question(settlement, FACTS, fault))).to.deep.equal({ name: "none", args: [] });
      // Another round, final or not there.
      for (const finalRound of [0, 8, 10]) {
        expect(await refusal(FACTS, question({ ...settlement, finalRound }, FACTS, fault))).to.deep.equal({ name: "RewardsWrongRound", args: [BigInt(finalRound)] });
      }
      // Void, reported: with the hash, but not final.
      for (const state of [5, 3]) {
        await world.set(await worldOf(FACTS));
        await world.setRoundState(1, FINAL_ROUND, state);
        const { context, proof } = question(settlement, FACTS, fault);
        await expect(chain.verifier.verifySettlement(context, proof)).to.be.revertedWithCustomError(chain.verifier, wrongRound.name).withArgs(FINAL_ROUND);
      }
      // Of another federation: round 11 is final there, with this very hash.
      await world.set({ ...(await worldOf(FACTS)), federation: 2, finalRound: 11 });
      expect(await refusal(FACTS, question({ ...settlement, finalRound: 11 }, FACTS, fault))).to.deep.equal({ name: "RewardsWrongRound", args: [11n] });
    }
    // A final round of the federation that is not the last one covered.
    const other = await propose({ ...FACTS, reportHash: E.id("another report") as Hex }, { amounts, members: [] });
    for (const fault of faults) expect(await refusal(FACTS, question(other, FACTS, fault))).to.deep.equal(wrongRound);
  });

  it("test_verifySettlement_phantomSeat_isAFault_succeeds", async () => {
    // Columns of six seats where five were granted: whoever is the sixth is paid nothing, though a contributor of that number has a payee.
    const facts: Facts = { ...FACTS, scores: [...FACTS.scores, 50n], payees: [...FACTS.payees, payee(5)], granted: 5 };
    const paid = honest(facts);
    expect(await answer(facts, paid, entitlement(5))).to.equal("fault");
    expect(await answer({ ...facts, granted: 6 }, paid, entitlement(5))).to.equal("no fault");
    const unpaid = honest({ ...facts, payees: [...FACTS.payees, ZERO_ADDRESS] });
    expect(await answer(facts, unpaid, entitlement(5))).to.equal("no fault");
    expect(await answer(facts, unpaid, table(FACTS.previous))).to.equal("no fault");
  });

  it("test_verifySettlement_seatGrantedAfterTheReport_disprovesNothing_succeeds", async () => {
    // Columns of five seats, and by now there are six, the last with a payee and the member table before padded with it.
    const facts: Facts = { ...FACTS, nobody: 50n };
    const right = honest(facts);
    const settlement = await propose(facts, right);
    const later = { ...facts, payees: [...facts.payees, payee(5)], granted: 6 };
    const questions = [...[0, 1, 2, 3, 4].map((seat) => entitlement(seat)), table(facts.previous)].map((fault) => question(settlement, facts, fault));
    expect(new Set(await ask(later, questions))).to.deep.equal(new Set(["no fault"]));
    // Nobody's score, the sixth, is no seat's that could be paid by it.
    expect(await refusal(later, question(settlement, facts, entitlement(5)))).to.deep.equal({ name: "RewardsNoSuchSeat", args: [5n, 5n] });
    // And nobody can say that there are six: then the columns are other bytes, and another statement.
    const { context, proof } = question(settlement, facts, entitlement(5));
    const six = `${proof.slice(0, 2 + 2 * 140)}0006${proof.slice(2 + 2 * 142)}` as Hex;
    expect(await ask(later, [{ context, proof: six }, { context, proof: `${six}${"00".repeat(20)}` }])).to.deep.equal(["reverted", "reverted"]);
  });

  it("test_verifySettlement_nobodysScore_countsInEveryShare_succeeds", async () => {
    const facts: Facts = { ...FACTS, nobody: 67n };
    const right = honest(facts);
    expect(right.amounts[0]).to.equal((FACTS.pool * 10n) / 134n);
    for (let seat = 0; seat < 5; seat++) expect(await answer(facts, right, entitlement(seat))).to.equal("no fault");
    // Paid as if nobody's score were not there; and with it there as if it were.
    expect(await answer(facts, honest(FACTS), entitlement(0))).to.equal("fault");
    expect(await answer(FACTS, right, entitlement(0))).to.equal("fault");
    // Score that is nobody's alone pays nothing at all.
    const alone: Facts = { ...FACTS, scores: FACTS.scores.map(() => 0n), nobody: 5n };
    expect(sum(honest(alone).amounts)).to.equal(0n);
    const nothing = await propose(alone, honest(alone));
    expect(await ask(alone, [entitlement(0), table(alone.previous)].map((fault) => question(nothing, alone, fault)))).to.deep.equal(["no fault", "no fault"]);
    expect(await answer(alone, { ...honest(alone), amounts: honest(alone).amounts.with(0, 1n) }, entitlement(0))).to.equal("fault");
  });

  it("test_verifySettlement_declinedPayee_isNotPaidAndKeepsTheOldOne_succeeds", async () => {
    const right = honest(FACTS);
    expect([right.amounts[3], right.members[3]]).to.deep.equal([0n, { payee: payee(8), cumulative: 7n }]);
    expect(await answer(FACTS, right, entitlement(3))).to.equal("no fault");
    expect(await answer(FACTS, right, table(FACTS.previous))).to.equal("no fault");
    // Paid all the same; a seat with a payee treated as if it had declined; the earlier amount taken from the seat that declined now.
    const share = (FACTS.pool * 30n) / 67n;
    expect(await answer(FACTS, { ...right, amounts: right.amounts.with(3, share) }, entitlement(3))).to.equal("fault");
    expect(await answer(FACTS, { ...right, amounts: right.amounts.with(1, 0n) }, entitlement(1))).to.equal("fault");
    for (const member of [absent, { payee: ZERO_ADDRESS, cumulative: 7n }, { payee: payee(3), cumulative: 7n }] as const) {
      const members = right.members.with(3, member);
      expect(await answer(FACTS, { ...right, members }, table(FACTS.previous))).to.equal("fault");
    }
    // A payee that changed takes the earlier amount along; here seat 2's did.
    expect(right.members[2]).to.deep.equal({ payee: payee(2), cumulative: 6n });
    expect(await answer(FACTS, { ...right, members: right.members.with(2, { payee: payee(9), cumulative: 6n }) }, table(FACTS.previous))).to.equal("fault");
  });

  it("test_verifySettlement_declinedAndPaid_treeNamesNobody_succeeds", async () => {
    // The table's proof takes entitlements as they are: with an empty member before, a payee that the proof makes up must not count.
    const facts: Facts = { ...FACTS, previous: [{ payee: payee(0), cumulative: 5n }] };
    const amounts = honest(facts).amounts.map((amount, i) => (i === 3 ? 5n : amount));
    const members = nextMembers(facts, amounts);
    expect(members[3]).to.deep.equal({ payee: ZERO_ADDRESS, cumulative: 5n });
    const settlement = await propose(facts, { amounts, members });
    const padded = concatBytes([packMembers(facts.previous), ...Array.from({ length: 3 }, () => concatBytes([E.getBytes(payee(6)), new Uint8Array(16)]))]);
    // Width four hashes to another root than width one; so a vault of width four.
    const wide = { ...facts, previous: [must(facts.previous[0]), absent, absent, absent] };
    expect(await ask(wide, [question(settlement, wide, { kind: "table", previousMembers: padded }), question(settlement, wide, entitlement(3))])).to.deep.equal(["no fault", "fault"]);
  });

  it("test_verifySettlement_noFinalRound_nobodyIsPaid_succeeds", async () => {
    // 256 void rounds: the statement pins no report.
    const facts: Facts = { ...FACTS, reportHash: E.ZeroHash as Hex };
    const nobody = honest({ ...FACTS, payees: FACTS.payees.map(() => ZERO_ADDRESS) });
    const settlement = { ...(await propose(facts, nobody)), finalRound: 0 };
    const questions = [0, 1, 2, 3, 4].map((seat) => question(settlement, facts, entitlement(seat)));
    expect(new Set(await ask(facts, [...questions, question(settlement, facts, table(FACTS.previous))]))).to.deep.equal(new Set(["no fault"]));
    const paid = { ...(await propose(facts, honest(FACTS))), finalRound: 0 };
    expect(await ask(facts, [question(paid, facts, entitlement(0))])).to.deep.equal(["fault"]);
    const emptied = { ...(await propose(facts, { ...nobody, members: nobody.members.with(0, absent) })), finalRound: 0 };
    expect(await ask(facts, [question(emptied, facts, table(FACTS.previous))])).to.deep.equal(["fault"]);
  });

  it("test_verifySettlement_noScores_nothingIsPaid_succeeds", async () => {
    const facts: Facts = { ...FACTS, scores: FACTS.scores.map(() => 0n) };
    const right = honest(facts);
    expect(sum(right.amounts)).to.equal(0n);
    expect(await ask(facts, [question(await propose(facts, right), facts, entitlement(0)), question(await propose(facts, right), facts, table(facts.previous))]))
      .to.deep.equal(["no fault", "no fault"]);
    for (const amount of [1n, facts.pool]) expect(await answer(facts, { ...right, amounts: right.amounts.with(0, amount) }, entitlement(0))).to.equal("fault");
  });

  it("test_verifySettlement_largestPoolAndScores_doNotOverflow_succeeds", async () => {
    const [pool, most] = [2n ** 128n - 1n, 2n ** 64n - 1n];
    const facts: Facts = { ...FACTS, pool, scores: [2n ** 31n, most, 1n, most, most], payees: FACTS.payees.map((_, i) => payee(i)), previous: [] };
    const total = sum(facts.scores);
    const share = (score: bigint) => (pool * score) / total;
    // What fits a column is judged right …
    const amounts = [share(2n ** 31n), 0n, share(1n), 0n, 0n];
    expect([must(amounts[0]) > 2n ** 92n, must(amounts[0]) < 2n ** 96n]).to.deep.equal([true, true]);
    expect(await answer(facts, { amounts, members: [] }, entitlement(0))).to.equal("no fault");
    expect(await answer(facts, { amounts, members: [] }, entitlement(2))).to.equal("no fault");
    // … and what a product cut to 128, 160 or 192 bits would give, wrong. A share beyond 96 bits cannot be paid, and not paying it is a fault.
    for (const bits of [128n, 160n]) {
      const cut = ((pool * 2n ** 31n) % 2n ** bits) / total;
      if (cut !== amounts[0]) expect(await answer(facts, { amounts: amounts.with(0, cut), members: [] }, entitlement(0)), `${bits}`).to.equal("fault");
    }
    for (const amount of [0n, share(most) % 2n ** 96n, 2n ** 96n - 1n]) {
      expect(await answer(facts, { amounts: amounts.with(1, amount), members: [] }, entitlement(1))).to.equal("fault");
    }
    // A cumulative amount of 128 bits and an entitlement of 96.
    const full: Facts = { ...facts, scores: [1n], payees: [payee(0)], pool: 2n ** 96n - 1n, previous: [{ payee: payee(0), cumulative: 2n ** 128n - 2n ** 96n }] };
    expect(await answer(full, honest(full), table(full.previous))).to.equal("no fault");
  });

  it("test_verifySettlement_previousTableOfAnotherFederation_reverts", async () => {
    // The same members in two federations hash to two roots: vault and federation are in every leaf.
    const settlement = await propose(FACTS, { ...honest(FACTS), root: E.id("wrong") as Hex });
    const { context, proof } = question(settlement, FACTS, table(FACTS.previous));
    const roots = [await rootOf(1, FACTS.previous), await rootOf(2, FACTS.previous)];
    await chain.world.set({ ...(await worldOf(FACTS)), rewardsRoot: must(roots[1]) });
    await expect(chain.verifier.verifySettlement(context, proof)).to.be.revertedWithCustomError(chain.verifier, "RewardsTableMismatch").withArgs(...roots.toReversed());
    await chain.world.set({ ...(await worldOf(FACTS)), rewardsRoot: must(roots[0]) });
    expect(await chain.verifier.verifySettlement(context, proof)).to.equal(true);
  });

  it("test_verifySettlement_memberLeftOut_isAFault_paddingIsNot_succeeds", async () => {
    const facts: Facts = { ...FACTS, previous: [{ payee: payee(0), cumulative: 5n }, absent, { payee: payee(2), cumulative: 6n }] };
    const right = honest(facts);
    // The table before had three members; a fourth that is absent hashes to the same root, and says nothing.
    const three = { ...facts, scores: facts.scores.slice(0, 3), payees: facts.payees.slice(0, 3) };
    expect(await answer(three, honest(three), table([...facts.previous, absent]))).to.equal("no fault");
    expect(await answer(facts, right, table([...facts.previous, absent]))).to.equal("no fault");
    // Columns that end before a member who has earned something, whatever the root.
    const two = { ...facts, scores: facts.scores.slice(0, 2), payees: facts.payees.slice(0, 2) };
    const cut = honest(two);
    expect(await answer(two, cut, table(facts.previous))).to.equal("fault");
    expect(await answer(two, { ...cut, root: await rootOf(1, [...cut.members, must(facts.previous[2])]) }, table(facts.previous))).to.equal("fault");
    const settlement = await propose(two, cut);
    const known = { domain: domainOf(1), pool: two.pool, payees: two.payees, previousMembers: packMembers(facts.previous) };
    expect(memberAt(known.previousMembers, 2)).to.not.equal(null);
    expect(await findRewardsFault(settlement, known)).to.deep.equal(table(facts.previous));
  });
});
