import { expect } from "chai";

import type { Hex } from "../../../protocol/bytes.ts";
import type { Contribution, Entry } from "../../../protocol/index.ts";
import { Driver, type RoundData } from "./driver.ts";
import { ALL_SEATS, BOND, CONFIG, Fault, loadFour, mined, must, RHO, ROUND_UNITS, SETTLEMENT_UNITS, State, type Kernel } from "./world.ts";

const FEDERATIONS = [1, 2];
const STEPS = Number(process.env["WALK_STEPS"] ?? 90);
const SEEDS = [1, 2, 3, 4, 5];

/** mulberry32: small, seeded, good enough to choose steps. */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 0x9e3779b9;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const deployLone = async ({ ethers }: Kernel) => await ethers.deployContract("MockLoneReports");
type Lone = Awaited<ReturnType<typeof deployLone>>;

/** A walk over the real contracts, and the books that it keeps beside them. */
class Walk {
  readonly d: Driver;
  readonly random: (below: number) => number;
  /** What each ended round was when it ended, by `federation/round`. */
  readonly ended = new Map<string, { state: bigint; hash: Hex }>();
  /** Nano-ρ that each seat should have spent, and for which rounds. */
  readonly spent = new Map<string, bigint>();
  readonly paid = new Set<string>();
  readonly rho = new Map(FEDERATIONS.map((federation) => [federation, RHO]));
  /** Signatures of a round under way, to be used again. */
  readonly entries = new Map<string, readonly Entry[]>();
  /** What was forced in, by `federation/round/parent's hash`. */
  readonly forced = new Map<string, Contribution[]>();
  readonly taken = new Map<string, number>();
  slashed = 0;

  readonly lone: Lone;

  constructor(d: Driver, seed: number, lone: Lone) {
    this.d = d;
    this.random = randomOf(seed);
    this.lone = lone;
  }

  /** A walk in a fresh world, where an account judges and anyone may report alone without a bond. */
  static async start(seed: number): Promise<Walk> {
    const kernel = await loadFour();
    const lone = await deployLone(kernel);
    await kernel.rounds.changeJudge(kernel.council, true);
    await kernel.rounds.changeLoneReports(lone);
    return new Walk(new Driver(kernel), seed, lone);
  }

  /** Tries one random step. @returns Whether it was accepted: that is the contracts' business, what must hold afterwards is not. */
  async step(): Promise<boolean> {
    const federation = must(FEDERATIONS[this.random(FEDERATIONS.length)]);
    const head = await this.d.head(federation);
    // Mostly one of the last rounds: the others have ended.
    const round = Math.max(0, Number(head.last) - this.random(this.random(4) === 0 ? Number(head.last) + 1 : 3));
    const steps: [string, number, () => Promise<unknown>][] = [
      ["seal", 24, async () => await this.seal(federation)],
      ["report", 22, async () => await this.d.report(federation)],
      ["finalise", 14, async () => await this.finalise(round, federation)],
      ["prove", 10, async () => await this.prove(round, federation)],
      ["void", 8, async () => await mined(this.d.kernel.rounds.void(federation, round))],
      ["reopen", 8, async () => await mined(this.d.kernel.rounds.reopen(federation))],
      ["consent", 5, async () => await this.changeConsent()],
      ["hold", 9, async () => await mined(this.judge().hold(federation, round))],
      ["release", 9, async () => await mined(this.judge().release(federation, round, (await this.d.round(round, federation)).attempt))],
      ["post", 3, async () => await this.post(round, federation)],
      ["alone", 6, async () => await this.reportAlone(federation)],
      ["force", 9, async () => await this.force(federation)],
      ["reconfigure", 2, async () => await this.reconfigure(federation)],
      ["freeze", 3, async () => await this.freeze(federation)],
      ["epoch", 1, async () => await this.formEpoch()],
      ["wait", 12, async () => await this.d.kernel.helpers.time.increase(1 + this.random(this.random(5) === 0 ? 800 : 90))],
    ];
    let ticket = this.random(steps.reduce((sum, [, weight]) => sum + weight, 0));
    const [name, , run] = must(steps.find(([, weight]) => (ticket -= weight) < 0));
    const frozenUntil = await this.d.kernel.rounds.frozenUntil(federation);
    try {
      await run();
      // Neither of these is ever accepted in a freeze.
      if (["seal", "report", "alone", "finalise"].includes(name)) expect(await this.d.now()).to.be.at.least(Number(frozenUntil));
      this.taken.set(name, (this.taken.get(name) ?? 0) + 1);
      return true;
    } catch (error) {
      if (!(error instanceof Error) || !/revert/i.test(error.message)) throw error;
      // A panic would be a fault in the arithmetic, not a refusal.
      expect(error.message).to.not.match(/panic/i);
      return false;
    }
  }

  judge() {
    return this.d.kernel.rounds.connect(this.d.kernel.council);
  }

  async post(round: number, federation: number): Promise<void> {
    await mined(this.judge().markPosted(federation, round, (await this.d.round(round, federation)).hash, this.random(8)));
  }

  async reportAlone(federation: number): Promise<void> {
    const prepared = await this.d.prepareReport(federation);
    if (this.random(2) === 0) await this.d.kernel.helpers.time.increase(CONFIG.reportWindow / 2);
    await mined(this.lone.report(this.d.kernel.rounds, federation, prepared.input));
    this.d.reports.set(`${federation}/${prepared.report.round}`, prepared.report);
  }

  rhoOf(federation: number): number {
    return this.rho.get(federation) ?? 0;
  }

  async seal(federation: number): Promise<void> {
    const open = await this.d.openRound(federation);
    const key = `${federation}/${open.round}`;
    const before = this.entries.get(key);
    const chosen = new Set(ALL_SEATS.filter(() => this.random(6) !== 0));
    const copied = this.random(5) === 0 ? this.d.bytes32() : null;
    // Mostly with what was forced in, or nothing would ever be sealed again.
    const forced = this.random(6) === 0 ? [] : (this.forced.get(`${key}/${open.parentReportHash}`) ?? []);
    const fresh = ALL_SEATS.flatMap((seat) => {
      const owed = forced.find((each) => each.seat === seat);
      if (owed !== undefined) return [this.d.entry(seat, open, owed)];
      return chosen.has(seat) ? [this.d.entry(seat, open, copied !== null && seat % 3 === 0 ? { updateRoot: copied } : {})] : [];
    });
    const entries = before !== undefined && this.random(3) === 0 ? before : fresh;
    if (this.random(6) !== 0) await this.d.untilSealable(federation);
    const prepared = this.d.prepareSeal(open, entries);
    const weights = await this.d.weights(prepared, await mined(this.d.sendSeal(prepared)));
    this.entries.set(key, entries);
    for (const [i, { seat }] of entries.entries()) {
      if (seat < 2 || weights[i] === 0 || this.paid.has(`${key}/${seat}`)) continue;
      this.paid.add(`${key}/${seat}`);
      this.spent.set(`${federation}/${seat}`, (this.spent.get(`${federation}/${seat}`) ?? 0n) + BigInt(this.rhoOf(federation)));
    }
  }

  async force(federation: number): Promise<void> {
    const rho = this.random(8) < 2 ? 0 : this.rhoOf(federation);
    const { round, parentReportHash } = await this.d.openRound(federation);
    const contribution = await this.d.force(rho === 0 ? this.random(2) : 2 + this.random(6), { rho }, federation);
    const key = `${federation}/${round}/${parentReportHash}`;
    this.forced.set(key, [...(this.forced.get(key) ?? []), contribution]);
  }

  async finalise(round: number, federation: number): Promise<void> {
    if (this.random(2) === 0) await this.d.untilDeadline(round, federation);
    await mined(this.d.kernel.rounds.finalise(federation, round));
  }

  async prove(round: number, federation: number): Promise<void> {
    const { sealers, reporters, reportEpoch } = await this.d.round(round, federation);
    const kind = this.random(2) === 0 ? Fault.Report : Fault.Seal;
    await this.d.overturn(round, kind, federation);
    // A lone reporter's bond is not the operators'.
    const liable = kind === Fault.Seal ? sealers : reportEpoch === 0n ? 0n : reporters;
    this.slashed += [0n, 1n, 2n, 3n].filter((i) => (liable >> i) & 1n).length;
  }

  async changeConsent(): Promise<void> {
    const { datasets, contributors, officers } = this.d.kernel;
    const contributor = 1 + this.random(8);
    switch (this.random(6)) {
      case 0:
        await mined(datasets.suspend(4));
        break;
      case 1:
        await mined(datasets.reinstate(4));
        break;
      case 2:
        await mined(contributors.connect(must(officers[0])).suspend(contributor));
        break;
      default:
        // Whoever can be: most are not suspended.
        for (const each of [1, 2, 3, 4, 5, 6, 7, 8]) await mined(contributors.reinstate(each)).catch(() => null);
    }
  }

  async reconfigure(federation: number): Promise<void> {
    const rho = RHO + this.random(3);
    await mined(this.d.kernel.rounds.reconfigure(federation, { ...CONFIG, rhoPerRound: rho, maxAttempts: 1 + this.random(3) }));
    this.rho.set(federation, rho);
  }

  /** For some minutes, or until now: how long and how often is for `Freezes` to say. */
  async freeze(federation: number): Promise<void> {
    await mined(this.judge().freeze(federation, (await this.d.now()) + 1 + this.random(2) * this.random(700)));
  }

  async formEpoch(): Promise<void> {
    const { operators, operatorKeys } = this.d.kernel;
    await mined(operators.formEpoch(operatorKeys.map(({ address }) => address), 3, ROUND_UNITS - this.random(12), SETTLEMENT_UNITS));
  }

  // --- what must always hold ---

  async rounds(federation: number): Promise<RoundData[]> {
    const last = Number((await this.d.head(federation)).last);
    return await Promise.all(Array.from({ length: last + 1 }, async (_, round) => await this.d.round(round, federation)));
  }

  async check(): Promise<void> {
    let held = 0n;
    for (const federation of FEDERATIONS) {
      const rounds = await this.rounds(federation);
      for (const { state, reporters, reportEpoch } of rounds) {
        if (state === State.Reported) held += reportEpoch === 0n ? 1n : 2n;
        if (state === State.Sealed) held += reporters === 0n ? 2n : 1n;
      }
      this.checkChain(rounds, Number((await this.d.head(federation)).tip));
      this.checkEnded(federation, rounds);
      await this.checkBudgets(federation);
    }
    expect(await this.d.live()).to.equal(held);
    await this.checkBonds();
  }

  checkChain(rounds: readonly RoundData[], tip: number): void {
    const chain = new Set<number>([0]);
    expect(must(rounds[tip]).state).to.not.equal(State.Void);
    for (let round = tip; round !== 0; round = Number(must(rounds[round]).parentRound)) {
      const { parentRound, parentAttempt } = must(rounds[round]);
      const parent = must(rounds[Number(parentRound)]);
      chain.add(round);
      expect(Number(parentRound)).to.be.below(round);
      expect(parentAttempt).to.equal(parent.attempt);
      expect([State.Reported, State.Final]).to.include(parent.state);
    }
    for (const [round, { state, parentRound, parentAttempt }] of rounds.entries()) {
      if (state === State.Final) {
        expect(chain.has(round)).to.equal(true);
        expect(must(rounds[Number(parentRound)]).state).to.equal(State.Final);
        expect(must(rounds[Number(parentRound)]).attempt).to.equal(parentAttempt);
      }
    }
  }

  checkEnded(federation: number, rounds: readonly RoundData[]): void {
    for (const [round, { state, hash }] of rounds.entries()) {
      const key = `${federation}/${round}`;
      const before = this.ended.get(key);
      if (before !== undefined) expect({ state, hash }).to.deep.equal(before);
      else if (state === State.Final || state === State.Void) this.ended.set(key, { state, hash });
    }
  }

  async checkBudgets(federation: number): Promise<void> {
    for (const seat of ALL_SEATS.slice(2)) {
      const granted = BigInt(seat === 6 ? 2 * RHO : 1_000 * RHO);
      const { remaining } = await this.d.kernel.seats.laneOf(federation, seat);
      expect(granted - remaining, `seat ${seat}`).to.equal(this.spent.get(`${federation}/${seat}`) ?? 0n);
    }
  }

  async checkBonds(): Promise<void> {
    const { operators, operatorKeys } = this.d.kernel;
    let stake = 0n;
    for (const { address } of operatorKeys) stake += (await operators.operatorOf(address)).stake;
    expect(stake).to.equal(BOND * 40n * 4n - BOND * BigInt(this.slashed));
  }

  /** Whatever happened, anyone can end every round with time alone, and the federation goes on. */
  async drain(): Promise<void> {
    const { rounds, operators, operatorKeys, helpers } = this.d.kernel;
    await helpers.time.increase(3_000);
    for (const federation of FEDERATIONS) {
      for (const [round, { state }] of (await this.rounds(federation)).entries()) {
        if (state === State.Final || state === State.Void) continue;
        const voided = await mined(rounds.void(federation, round)).catch(() => null);
        if (voided === null) await mined(rounds.finalise(federation, round));
      }
    }
    await this.check();
    expect(await this.d.live()).to.equal(0n);
    expect(this.ended.size).to.equal((await this.rounds(1)).length + (await this.rounds(2)).length);
    await operators.formEpoch(operatorKeys.map(({ address }) => address), 3, ROUND_UNITS, SETTLEMENT_UNITS);
    for (const contributor of [1, 2, 3]) await mined(this.d.kernel.contributors.reinstate(contributor)).catch(() => null);
    for (const federation of FEDERATIONS) {
      await mined(rounds.reconfigure(federation, CONFIG));
      const open = await this.d.openRound(federation);
      await this.d.sealEntries(this.d.entries([0, 1, 2], open), federation);
    }
  }
}

describe("Rounds: random walks", () => {
  for (const seed of SEEDS) {
    it(`test_rounds_walk${seed}_succeeds`, async () => {
      const walk = await Walk.start(seed);
      for (let i = 0; i < STEPS; ++i) {
        if (await walk.step()) await walk.check();
      }
      await walk.drain();
      if (process.env["WALK_SHOW"] !== undefined) console.log(Object.fromEntries(walk.taken));
    });
  }
});
