import { expect } from "chai";
import { ethers as E } from "ethers";

import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { encodeAggregateProof, type AggregateProofInput } from "../../../protocol/faults/aggregate-proof.ts";
import { faultCommitment } from "../../../protocol/faults/commitment.ts";
import { aggregate, effectiveWeights, genesisReport, modelRoot, updateRoot, type FederationConfig, type Report } from "../../../protocol/index.ts";
import { randomInt16, randomInt32 } from "../../protocol/support/random.ts";
import { Driver } from "../rounds/driver.ts";
import { ARTEFACT, CONFIG, DATASETS, loadFour, mined, RHO, State, VoidReason } from "../rounds/world.ts";

const LANES = 64;
const SEATS = [0, 1, 2, 3, 4];
const BASE = randomInt32(LANES, 1).map((lane) => lane >> 2);
const WRONG_LANE = 41;

/** A round under way: what was sealed, and a function that proves what its report got wrong. */
interface Round {
  readonly round: number;
  readonly report: Report;
  readonly input: AggregateProofInput;
  readonly model: Int32Array;
}

/** The whole way: real ledger, real operators, real vectors. */
describe("a wrong aggregate", () => {
  const open = async () => {
    const driver = new Driver(await loadFour());
    const { ethers, disputes, rounds, seats } = driver.kernel;
    const verifier = await ethers.deployContract("AggregateVerifier");
    await disputes.changeVerifier(verifier, true);
    const errors = { interface: (await ethers.getContractFactory("RoundHeader")).interface };
    const config: FederationConfig = { ...CONFIG, normSqBound: 0n };
    /** A federation with a model that is one, and seats as in the first. */
    const federate = async (): Promise<number> => {
      await rounds.createFederation(config, modelRoot(BASE), ARTEFACT);
      const federation = Number(await rounds.federationCount());
      for (const seat of SEATS) await seats.grant(federation, seat + 1, seat < 2 ? DATASETS.exempt : DATASETS.budgeted, seat < 2 ? 0 : 1_000 * RHO);
      return federation;
    };
    const federation = await federate();
    return { driver, verifier, errors, config, federation, federate };
  };
  let world: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    world = await open();
  });

  interface Options {
    readonly federation?: number;
    readonly parent?: Round;
    /** The base that the aggregator really used. */
    readonly usedBase?: Int32Array;
    readonly wrongBy?: number;
    readonly excluded?: bigint;
  }

  async function seal({ federation = world.federation, parent }: Options = {}) {
    const { driver } = world;
    const open = await driver.openRound(federation);
    const updates = SEATS.map((seat) => randomInt16(LANES, 10 * open.round + seat));
    const sealed = await driver.sealEntries(SEATS.map((seat) => driver.entry(seat, open, { updateRoot: updateRoot(updates[seat]!) })), federation);
    return { ...sealed, updates, base: parent?.model ?? BASE, parent: parent?.report ?? genesisReport(federation, modelRoot(BASE), ARTEFACT) };
  }

  async function run(options: Options = {}, sealed?: Awaited<ReturnType<typeof seal>>): Promise<Round> {
    const { driver, config, federation } = world;
    const { seal: statement, weights, updates, base, parent, round } = sealed ?? (await seal(options));
    const excluded = options.excluded ?? 0n;
    const model = aggregate(1, 0n, options.usedBase ?? base, updates, effectiveWeights(weights, excluded));
    model[WRONG_LANE] = model[WRONG_LANE]! + (options.wrongBy ?? 0);
    const { report } = await driver.report(options.federation ?? federation, { modelRoot: modelRoot(model), excluded });
    const input = { config, seal: statement, report, parent, lane: WRONG_LANE, weights, updates, base, model };
    return { round, report, input, model };
  }

  const proofOf = ({ input }: Round, change: Partial<AggregateProofInput> = {}): Hex => toHex(encodeAggregateProof({ ...input, ...change }));
  const prove = async (round: number, proof: string, federation = world.federation) =>
    await world.driver.commitAndProve(round, proof, { federation, verifier: world.verifier });

  it("test_prove_modelWrongByOne_reportOverturnedAndSignersSlashed", async () => {
    const { driver, verifier, federation } = world;
    const { disputes, rounds, operators, outsider } = driver.kernel;
    const sealed = await seal();
    const wrong = await run({ wrongBy: 1, excluded: 2n }, sealed);
    const receipt = await mined(prove(wrong.round, proofOf(wrong)));
    const events = receipt.logs.map((log) => disputes.interface.parseLog(log) ?? rounds.interface.parseLog(log) ?? operators.interface.parseLog(log));
    expect(events.find((event) => event?.name === "DisputeWon")?.args.at(-1)).to.equal(await verifier.getAddress());
    expect(events.find((event) => event?.name === "FaultProven")?.args.toObject()).to.include({ kind: 1n, challenger: outsider.address, liable: 7n });
    const { state, attempt, hash } = await driver.round(wrong.round, federation);
    expect([state, attempt, hash]).to.deep.equal([State.Sealed, 1n, wrong.report.sealHash]);

    await expect(prove(wrong.round, proofOf(wrong)), "sealed again").to.be.revertedWithCustomError(world.errors, "RoundHeaderWrongState");
    const honest = await run({ excluded: 2n }, sealed);
    await expect(prove(wrong.round, proofOf(wrong)), "the report that was overturned").to.be.revertedWithCustomError(world.errors, "RoundHeaderMismatch");
    for (const lane of [0, WRONG_LANE, 63]) {
      await expect(prove(wrong.round, proofOf(honest, { lane }))).to.be.revertedWithCustomError(verifier, "AggregateVerifierNoFault").withArgs(lane, honest.model[lane]!);
    }
  });

  it("test_prove_modelOnAnotherBase_overturned", async () => {
    const { driver, verifier, federation } = world;
    const first = await run();
    const second = await run({ parent: first, usedBase: BASE });
    await expect(prove(second.round, proofOf(second, { base: BASE }))).to.be.revertedWithCustomError(verifier, "AggregateVerifierWrongParent");
    await mined(prove(second.round, proofOf(second)));
    expect(await driver.state(second.round, federation)).to.equal(State.Sealed);
    expect(await driver.state(first.round, federation), "its parent stands").to.equal(State.Reported);
    await expect(prove(first.round, proofOf(first))).to.be.revertedWithCustomError(verifier, "AggregateVerifierNoFault");
  });

  it("test_prove_federationReconfiguredSince_opensTheSealedConfiguration", async () => {
    const { driver, config, federation } = world;
    const { rounds } = driver.kernel;
    const wrong = await run({ wrongBy: -1 });
    const later: FederationConfig = { ...config, ruleId: 4 };
    await rounds.reconfigure(federation, later);
    await expect(prove(wrong.round, proofOf(wrong, { config: later }))).to.be.revertedWithCustomError(world.errors, "RoundHeaderMismatch");
    await expect(prove(wrong.round, proofOf(wrong))).to.emit(rounds, "RoundVoided").withArgs(federation, wrong.round, VoidReason.Reconfigured);
  });

  it("test_prove_roundThatIsOnlySealed_reverts", async () => {
    const { driver, config, federation } = world;
    const { seal: statement, weights, updates, base, parent, round } = await seal();
    const report: Report = { ...parent, round, sealHash: (await driver.round(round, federation)).hash };
    const proof = toHex(encodeAggregateProof({ config, seal: statement, report, parent, lane: 0, weights, updates, base, model: base }));
    await expect(prove(round, proof)).to.be.revertedWithCustomError(world.errors, "RoundHeaderWrongState").withArgs(State.Sealed);
  });

  it("test_prove_proofOfAnotherFederationOrRound_reverts", async () => {
    const { federation, errors } = world;
    const other = await world.federate();
    const wrong = await run({ wrongBy: 1 });
    const same = await run({ federation: other, wrongBy: 1 });
    expect(same.round).to.equal(wrong.round);
    await expect(prove(wrong.round, proofOf(wrong), other)).to.be.revertedWithCustomError(errors, "RoundHeaderMismatch");
    await expect(prove(wrong.round, proofOf(same), federation)).to.be.revertedWithCustomError(errors, "RoundHeaderMismatch");
    const next = await run({ parent: wrong });
    await expect(prove(next.round, proofOf(wrong))).to.be.revertedWithCustomError(errors, "RoundHeaderMismatch");
  });

  it("test_faultCommitment_anything_asTheContract", async () => {
    const { driver, verifier } = world;
    const { disputes, outsider } = driver.kernel;
    const proof = E.getBytes(E.id("a proof"));
    const [challenger, judge] = [outsider.address as Hex, (await verifier.getAddress()) as Hex];
    for (const [federation, target] of [[0, 0], [1, 2], [2 ** 32 - 1, 2 ** 32 - 2]] as const) {
      const expected = await disputes.commitmentOf(challenger, federation, target, judge, E.keccak256(proof));
      expect(faultCommitment(challenger, federation, target, judge, proof)).to.equal(expected);
    }
  });
});
