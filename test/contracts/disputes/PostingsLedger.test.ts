import { expect } from "chai";

import type { Hex } from "../../../protocol/bytes.ts";
import { faultCommitment } from "../../../protocol/faults/commitment.ts";
import { encodeNormBoundProof, encodeNormStepProof, encodeNormTotalProof, traceAt } from "../../../protocol/faults/norm-proof.ts";
import { preparePosting, type PostingPart } from "../../../protocol/faults/posting.ts";
import { columnHash, createModelSpec, packUints, specRoot, type FederationConfig, type Report } from "../../../protocol/index.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { fresh, type Driver, type PreparedSeal } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { ARTEFACT, CONFIG, DATASETS, Fault, mined, MODEL_ROOT, must, RHO, State } from "../rounds/world.ts";
import { fakeEntry, rootOfTrace, traceValue, withTraceValue, type FakeEntry } from "./fake-round.ts";

const PART_LANES = 32_768;
const SEATS = [0, 1, 2, 3, 4];

/** Postings and norm proofs on the real ledger, through `Disputes`, up to the slash. */
describe("Postings and NormVerifier on the ledger", () => {
  let d: Driver;
  let deployed: Awaited<ReturnType<typeof deploy>>;
  const random = createRandom(77);
  const lanes = (length: number) => Int16Array.from({ length }, () => Math.floor((random() - 0.5) * 65_536));

  const deploy = async ({ kernel }: Driver) => {
    const { ethers, rounds, disputes } = kernel;
    const postings = await ethers.deployContract("Postings", [rounds]);
    const norms = await ethers.deployContract("NormVerifier", [rounds]);
    await rounds.changeJudge(postings, true);
    await disputes.changeVerifier(norms, true);
    return { postings, norms };
  };

  /** A federation with a model of `length` lanes at this depth. */
  const federation = async (length: number, depth: number) => {
    const spec = createModelSpec([{ name: "w", shape: [length], fracBits: 8 }]);
    const config: FederationConfig = { ...CONFIG, depth, modelSpecRoot: specRoot(spec), normSqBound: 0n };
    const { rounds, seats } = d.kernel;
    await rounds.createFederation(config, MODEL_ROOT, ARTEFACT);
    const id = Number(await rounds.federationCount());
    for (const seat of SEATS) await seats.grant(id, seat + 1, seat < 2 ? DATASETS.exempt : DATASETS.budgeted, seat < 2 ? 0 : 100 * RHO);
    return { id, config, spec, length, depth };
  };
  type Federation = Awaited<ReturnType<typeof federation>>;

  /** Entries as contributors sign them. @param lies What the one of seat 2 says that is not so. */
  const entriesOf = async (f: Federation, lies: Partial<FakeEntry> = {}) => {
    const open = await d.openRound(f.id);
    return SEATS.map((seat) => {
      const made = fakeEntry(seat, seat === 2 ? lanes(f.length) : lanes(20), f.depth, seat === 2 ? lies : {});
      const { updateRoot, normSq, normTraceRoot } = made;
      return { ...made, ...d.entry(seat, open, { updateRoot, normSq, normTraceRoot }) };
    });
  };
  const sealed = async (f: Federation, lies: Partial<FakeEntry> = {}) => await sealAll(f, await entriesOf(f, lies));
  const sealAll = async (f: Federation, entries: readonly FakeEntry[]) => {
    const { seal, round, weights } = await d.sealEntries(entries, f.id);
    return { ...statements(f, { seal }, weights, entries), round };
  };
  const statements = (f: Federation, { seal }: Pick<PreparedSeal, "seal">, weights: readonly number[], entries: readonly FakeEntry[]) => ({
    config: f.config,
    seal,
    entries,
    weights,
    weightsHash: columnHash(packUints(weights, 2)),
    norms: entries.map(({ normSq }) => normSq),
    updateRoots: entries.map(({ updateRoot }) => updateRoot),
    updateRootsHash: seal.updateRootsHash,
    traceRoots: entries.map(({ normTraceRoot }) => normTraceRoot),
  });
  type Sealed = Awaited<ReturnType<typeof sealed>>;

  const prepare = (f: Federation, s: Sealed, entry = 2) => preparePosting({ ...s, spec: f.spec, entry, update: must(s.entries[entry]).update });
  const post = (f: Federation, round: number, { proof, lanes }: PostingPart) => deployed.postings.post(f.id, round, proof, lanes);
  const posted = async (f: Federation, round: number) => await d.kernel.rounds.postedOf((await d.round(round, f.id)).hash);

  /** Commits and proves, as an outsider. */
  const prove = async (f: Federation, round: number, proof: Uint8Array) => {
    const { outsider, disputes } = d.kernel;
    const verifier = (await deployed.norms.getAddress()) as Hex;
    await mined(disputes.connect(outsider).commit(faultCommitment(outsider.address as Hex, f.id, round, verifier, proof)));
    return await disputes.connect(outsider).prove(f.id, round, verifier, proof);
  };
  const reportedProof = (s: Sealed, report: Report, kind: "step" | "total" | "bound", chunk = 0) => {
    const { update, trace } = must(s.entries[2]);
    const shared = { ...s, report, modelRoot: report.modelRoot, entry: 2, update, trace, chunk };
    return kind === "step" ? encodeNormStepProof(shared) : kind === "total" ? encodeNormTotalProof(shared) : encodeNormBoundProof(shared);
  };

  beforeEach(async () => {
    d = await fresh();
    deployed = await deploy(d);
  });

  // --- posting ---

  it("test_post_thenReport_includingSucceeds_excludingReverts", async () => {
    const f = await federation(1_000, 4);
    const s = await sealed(f);
    const { hash } = await d.round(s.round, f.id);
    await expect(post(f, s.round, prepare(f, s).at(0))).to.emit(d.kernel.rounds, "PayloadPosted").withArgs(f.id, s.round, 2, hash);
    const excluding = await d.prepareReport(f.id, { excluded: 0b100n });
    await refused(d.sendReport(excluding), d.kernel.rounds, "RoundsExcludedPosted", 0b100n);
    await d.report(f.id, { excluded: 0b10n });
    expect(await d.state(s.round, f.id)).to.equal(State.Reported);
  });

  it("test_post_onlyAsJudge_reverts", async () => {
    const f = await federation(100, 1);
    const s = await sealed(f);
    await d.kernel.rounds.changeJudge(deployed.postings, false);
    await refused(post(f, s.round, prepare(f, s).at(0)), d.kernel.rounds, "RoundsNotJudge", await deployed.postings.getAddress());
  });

  it("test_post_aroundHalfTime_onTheLedgersClock", async () => {
    const f = await federation(2 * PART_LANES, 10);
    const s = await sealed(f);
    const { at } = prepare(f, s);
    const half = (await d.round(s.round, f.id)).deadline - 300n;
    await d.at(half - 2n);
    await post(f, s.round, at(0));
    await d.at(half - 1n);
    await post(f, s.round, at(1));
    expect(await posted(f, s.round)).to.equal(0b100n);
    await d.at(half);
    await refused(post(f, s.round, at(0)), d.kernel.rounds, "RoundsPostingClosed", half);
  });

  it("test_post_droppedByTheLedger_reverts", async () => {
    const f = await federation(100, 1);
    const entries = await entriesOf(f);
    await d.kernel.seats.revoke(f.id, 2);
    const s = await sealAll(f, entries);
    expect(s.weights[2]).to.equal(0);
    await refused(post(f, s.round, prepare(f, s).at(0)), deployed.postings, "PostingsDropped", 2);
  });

  it("test_post_reportedRound_reverts", async () => {
    const f = await federation(100, 1);
    const s = await sealed(f);
    await d.report(f.id);
    await refused(post(f, s.round, prepare(f, s).at(0)), deployed.postings, "RoundHeaderWrongState", State.Reported);
  });

  it("test_post_afterAnOverturnedReport_theSealStands_succeeds", async () => {
    const f = await federation(2 * PART_LANES, 10);
    const s = await sealed(f);
    const { at } = prepare(f, s);
    await post(f, s.round, at(0));
    await d.report(f.id);
    await d.overturn(s.round, Fault.Report, f.id);
    // Sealed again, the attempt being another one: what was posted of this seal counts on.
    await post(f, s.round, at(1));
    expect(await posted(f, s.round)).to.equal(0b100n);
    await refused(d.sendReport(await d.prepareReport(f.id, { excluded: 0b100n })), d.kernel.rounds, "RoundsExcludedPosted", 0b100n);
  });

  it("test_post_byAnotherSealAttempt_startsAnew", async () => {
    const f = await federation(2 * PART_LANES, 10);
    const first = await sealed(f);
    const parts = prepare(f, first);
    await post(f, first.round, parts.at(0));
    await d.overturn(first.round, Fault.Seal, f.id);
    // The same entries, signed once: the seal is another one by its attempt.
    const again = await sealAll(f, first.entries);
    expect(again.round).to.equal(first.round);
    await refused(post(f, first.round, parts.at(1)), deployed.postings, "RoundHeaderMismatch");
    await refused(post(f, again.round, prepare(f, again).at(1)), deployed.postings, "PostingsOutOfOrder", 1, 0);
    for (const part of [0, 1]) await post(f, again.round, prepare(f, again).at(part));
    expect(await posted(f, again.round)).to.equal(0b100n);
  });

  it("test_post_onAnotherLedger_reverts", async () => {
    const f = await federation(100, 1);
    const s = await sealed(f);
    const { ethers, contributors, seats, operators, deployer } = d.kernel;
    const other = await ethers.deployContract("Rounds", [deployer, contributors, seats, operators]);
    const elsewhere = await ethers.deployContract("Postings", [other]);
    const { proof, lanes } = prepare(f, s).at(0);
    await refused(elsewhere.post(f.id, s.round, proof, lanes), elsewhere, "RoundHeaderWrongState", State.None);
  });

  // --- norms ---

  it("test_prove_step_reportersAreSlashed_succeeds", async () => {
    const f = await federation(128, 1);
    const update = lanes(128);
    const trace = withTraceValue(traceAt(update, 1), 5, traceValue(traceAt(update, 1), 5) + 1n);
    const s = await sealed(f, { update, trace, normTraceRoot: rootOfTrace(trace, 1), ...honest(update) });
    const { report } = await d.report(f.id);
    await expect(prove(f, s.round, reportedProof(s, report, "step", 5)))
      .to.emit(d.kernel.rounds, "FaultProven")
      .withArgs(f.id, s.round, 0, Fault.Report, d.kernel.outsider.address, 7);
    const { state, hash } = await d.round(s.round, f.id);
    expect([state, hash]).to.deep.equal([State.Sealed, report.sealHash]);
    // Left out, as it should have been, the round is right.
    const { report: right } = await d.report(f.id, { excluded: 0b100n });
    await refused(prove(f, s.round, reportedProof(s, right, "step", 5)), deployed.norms, "NormVerifierNotCounted", 2);
  });

  it("test_prove_total_reportersAreSlashed_succeeds", async () => {
    const f = await federation(128, 1);
    const s = await sealed(f, { normSq: 1n });
    const { report } = await d.report(f.id);
    await expect(prove(f, s.round, reportedProof(s, report, "total"))).to.emit(d.kernel.rounds, "FaultProven");
    expect(await d.state(s.round, f.id)).to.equal(State.Sealed);
  });

  it("test_prove_bound_sealersAreSlashed_sealedOrReported_succeeds", async () => {
    for (const reported of [false, true]) {
      d = await fresh();
      deployed = await deploy(d);
      const plain = await federation(128, 1);
      const bounded = { ...plain, config: { ...plain.config, normSqBound: 10n ** 12n } };
      await d.kernel.rounds.reconfigure(plain.id, bounded.config);
      const s = await sealed(bounded, { normSq: 10n ** 12n + 1n });
      const report = reported ? (await d.report(bounded.id)).report : null;
      const proof = encodeNormBoundProof({ ...s, report, modelRoot: report?.modelRoot ?? null, entry: 2 });
      await expect(prove(bounded, s.round, proof)).to.emit(d.kernel.rounds, "FaultProven").withArgs(bounded.id, s.round, 0, Fault.Seal, d.kernel.outsider.address, 7);
      expect(await d.state(s.round, bounded.id)).to.equal(State.Open);
    }
  });

  it("test_prove_honestRound_everyKind_reverts", async () => {
    const f = await federation(128, 1);
    const s = await sealed(f);
    const { report } = await d.report(f.id);
    for (const kind of ["step", "total", "bound"] as const) await refused(prove(f, s.round, reportedProof(s, report, kind, 3)), deployed.norms, "NormVerifierNoFault", 2);
  });

  it("test_prove_postedEntry_reverts", async () => {
    const f = await federation(128, 1);
    const s = await sealed(f);
    await post(f, s.round, prepare(f, s).at(0));
    const { report } = await d.report(f.id);
    for (const kind of ["step", "total"] as const) await refused(prove(f, s.round, reportedProof(s, report, kind, 3)), deployed.norms, "NormVerifierPosted", 2);
  });

  it("test_prove_proofOfAnOverturnedReport_reverts", async () => {
    const f = await federation(128, 1);
    const s = await sealed(f, { normSq: 1n });
    const { report } = await d.report(f.id);
    const proof = reportedProof(s, report, "total");
    await prove(f, s.round, proof);
    await refused(prove(f, s.round, proof), deployed.norms, "RoundHeaderWrongState", State.Sealed);
    await d.report(f.id);
    await refused(prove(f, s.round, proof), deployed.norms, "RoundHeaderMismatch");
  });

  const honest = (update: Int16Array) => {
    const { updateRoot, normSq } = fakeEntry(2, update, 1);
    return { updateRoot, normSq };
  };
});
