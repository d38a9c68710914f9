import { expect } from "chai";
import { ethers as E, type ContractTransactionReceipt, type Result, type Wallet } from "ethers";

import { toHex, type Hex } from "../../../protocol/bytes.ts";
import {
  columnHash,
  contributionOf,
  createSeal,
  digestOf,
  packSealColumns,
  packUints,
  reportHash,
  sealHash,
  type Contribution,
  type Domain,
  type Entry,
  type Report,
  type RoundContext,
  type Seal,
} from "../../../protocol/index.ts";
import { DATASETS, DAY, Fault, loadFour, mined, must, RHO, SEATS, State, walletOf, type Kernel } from "./world.ts";

export interface Quorum {
  signers: number;
  signatures: string;
}

/** What a seal sends, and what was signed for it. */
export interface PreparedSeal {
  readonly seal: Seal;
  readonly entries: readonly Entry[];
  readonly input: {
    seats: Hex;
    updateRoots: Hex;
    rootOrder: Hex;
    normsHash: Hex;
    normTracesHash: Hex;
    signaturesHash: Hex;
  };
}

export interface PreparedReport {
  readonly report: Report;
  readonly input: { modelRoot: Hex; metricsHash: Hex; excluded: bigint; artefact: Hex };
}

/** `IRounds.Round`. */
export type RoundData = { readonly hash: Hex } & Readonly<
  Record<
    | "state" | "attempt" | "deadline" | "parentRound" | "parentAttempt" | "consentEpoch" | "sealers" | "reporters" | "sealEpoch" | "reportEpoch"
    | "entries" | "accepted" | "holds",
    bigint
  >
>;

/** The open round, as anyone can read it from the ledger. */
export interface OpenRound extends RoundContext {
  readonly attempt: number;
  readonly parentRound: number;
}

/** @param at Time of the block that has the proof; the commitment comes before it. */
export interface ProveOptions {
  readonly federation?: number;
  readonly verifier?: { getAddress(): Promise<string> };
  readonly at?: bigint | undefined;
}

/** Drives federations as contributors, operators and challengers do, all formats made by `protocol/`. */
export class Driver {
  readonly kernel: Kernel;
  /** Last report of each round, by `federation/round`. */
  readonly reports = new Map<string, Report>();
  #counter = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  // --- reading ---

  async round(round: number, federation = 1): Promise<RoundData> {
    // A plain object: a result of ethers is an array, which has a method of the name `entries`.
    const result: unknown = await this.kernel.rounds.roundOf(federation, round);
    return (result as Result).toObject() as unknown as RoundData;
  }

  async state(round: number, federation = 1): Promise<bigint> {
    return (await this.round(round, federation)).state;
  }

  async head(federation = 1) {
    return await this.kernel.rounds.headOf(federation);
  }

  async live(): Promise<bigint> {
    return await this.kernel.rounds.liveUnits();
  }

  /** As documented at `IRounds.Head`: the tip when it is redone, else a new round on top of it. */
  async openRound(federation = 1): Promise<OpenRound> {
    const { rounds } = this.kernel;
    const head = await this.head(federation);
    const tip = await this.round(Number(head.tip), federation);
    const redo = tip.state === State.Open;
    const parentRound = Number(redo ? tip.parentRound : head.tip);
    return {
      federation,
      round: Number(redo ? head.tip : head.last + 1n),
      attempt: redo ? Number(tip.attempt) : 0,
      parentRound,
      parentReportHash: (await this.round(parentRound, federation)).hash,
      configHash: (await rounds.configHashOf(federation)) as Hex,
    };
  }

  // --- time ---

  async now(): Promise<number> {
    return await this.kernel.helpers.time.latest();
  }

  /** The next transaction is mined in a block of this time. */
  async at(timestamp: bigint | number): Promise<void> {
    await this.kernel.helpers.time.setNextBlockTimestamp(timestamp);
  }

  async untilSealable(federation = 1): Promise<void> {
    const { forceUntil } = await this.head(federation);
    if (forceUntil > (await this.now())) await this.kernel.helpers.time.increaseTo(forceUntil);
  }

  async untilDeadline(round: number, federation = 1): Promise<void> {
    const deadline = await this.kernel.rounds.deadlineOf(federation, round);
    if (deadline > (await this.now())) await this.kernel.helpers.time.increaseTo(deadline);
  }

  // --- making and signing ---

  bytes32(): Hex {
    return E.id(`value ${this.#counter++}`) as Hex;
  }

  key(seat: number): Wallet {
    return this.kernel.contributorKeys[seat] ?? walletOf(`stranger ${seat}`);
  }

  contribution(seat: number, open: RoundContext, change: Partial<Contribution> = {}): Contribution {
    const exempt = (SEATS.exempt as readonly number[]).includes(seat);
    const fields = { seat, updateRoot: this.bytes32(), normSq: 1_000n, normTraceRoot: this.bytes32(), rho: exempt ? 0 : RHO };
    return { ...contributionOf(fields, open), ...change };
  }

  sign(contribution: Contribution, key = this.key(contribution.seat), domain: Domain = this.kernel.domain): Hex {
    return key.signingKey.sign(digestOf(domain, "Contribution", contribution)).compactSerialized as Hex;
  }

  entry(seat: number, open: RoundContext, change: Partial<Contribution> = {}): Entry {
    const { updateRoot, normSq, normTraceRoot, rho, ...rest } = this.contribution(seat, open, change);
    const signed = { updateRoot, normSq, normTraceRoot, rho, ...rest };
    return { seat, updateRoot, normSq, normTraceRoot, rho, signer: this.key(seat).address as Hex, signature: this.sign(signed) };
  }

  entries(seats: readonly number[], open: RoundContext): Entry[] {
    return seats.map((seat) => this.entry(seat, open));
  }

  /** Signatures of the chosen operators over a digest; the first k of them by default. */
  quorum(digest: Hex, chosen?: readonly number[]): Quorum {
    const { operatorKeys, threshold } = this.kernel;
    const signers = chosen ?? Array.from({ length: threshold }, (_, i) => i);
    return {
      signers: signers.reduce((bits, i) => bits + 2 ** i, 0),
      signatures: E.concat(signers.map((i) => must(operatorKeys[i]).signingKey.sign(digest).compactSerialized)),
    };
  }

  sealQuorum(seal: Seal, chosen?: readonly number[], domain: Domain = this.kernel.domain): Quorum {
    return this.quorum(digestOf(domain, "Seal", seal), chosen);
  }

  reportQuorum(report: Report, chosen?: readonly number[], domain: Domain = this.kernel.domain): Quorum {
    return this.quorum(digestOf(domain, "Report", report), chosen);
  }

  prepareSeal(open: OpenRound, entries: readonly Entry[]): PreparedSeal {
    const columns = packSealColumns(entries);
    const seal = createSeal(open, open.attempt, columns);
    const { normsHash, normTracesHash, signaturesHash } = seal;
    const input = {
      seats: toHex(columns.seats),
      updateRoots: toHex(columns.updateRoots),
      rootOrder: toHex(columns.rootOrder),
      normsHash,
      normTracesHash,
      signaturesHash,
    };
    return { seal, entries, input };
  }

  async prepareReport(federation = 1, change: Partial<Report> = {}): Promise<PreparedReport> {
    const round = Number((await this.head(federation)).tip);
    const { attempt, hash } = await this.round(round, federation);
    const report: Report = {
      federation,
      round,
      attempt: Number(attempt),
      sealHash: hash,
      modelRoot: this.bytes32(),
      metricsHash: this.bytes32(),
      excluded: 0n,
      artefact: this.bytes32(),
      ...change,
    };
    const { modelRoot, metricsHash, excluded, artefact } = report;
    return { report, input: { modelRoot, metricsHash, excluded, artefact } };
  }

  // --- the life of a round ---

  sendSeal({ seal, input }: PreparedSeal, quorum = this.sealQuorum(seal)) {
    return this.kernel.rounds.seal(seal.federation, input, quorum);
  }

  sendReport({ report, input }: PreparedReport, quorum = this.reportQuorum(report)) {
    return this.kernel.rounds.report(report.federation, input, quorum);
  }

  /** Seals the open round with these seats, and checks that the ledger committed to what `protocol/` says it should. */
  async seal(seats: readonly number[] = [...SEATS.exempt, ...SEATS.budgeted], federation = 1): Promise<PreparedSeal & { round: number; receipt: ContractTransactionReceipt }> {
    const open = await this.openRound(federation);
    return await this.sealEntries(this.entries(seats, open), federation);
  }

  async sealEntries(entries: readonly Entry[], federation = 1) {
    await this.untilSealable(federation);
    const prepared = this.prepareSeal(await this.openRound(federation), entries);
    const receipt = await mined(this.sendSeal(prepared));
    const { round } = prepared.seal;
    const weights = await this.weights(prepared, receipt);
    const { hash } = await this.round(round, federation);
    expect(hash).to.equal(sealHash(prepared.seal, columnHash(packUints(weights, 2))));
    return { ...prepared, round, receipt, weights };
  }

  /** Seats that a seal dropped, with the reason. */
  dropped(receipt: ContractTransactionReceipt): [number, bigint][] {
    const { seats } = this.kernel;
    return receipt.logs
      .flatMap((log) => seats.interface.parseLog(log) ?? [])
      .filter(({ name }) => name === "EntryDropped")
      .map(({ args }) => [Number(args["seat"]), args["reason"] as bigint]);
  }

  async weights({ entries, seal }: PreparedSeal, receipt: ContractTransactionReceipt): Promise<number[]> {
    const dropped = new Set(this.dropped(receipt).map(([seat]) => seat));
    return await Promise.all(
      entries.map(async ({ seat }) => (dropped.has(seat) ? 0 : Number((await this.kernel.seats.laneOf(seal.federation, seat)).weight))),
    );
  }

  async report(federation = 1, change: Partial<Report> = {}) {
    const prepared = await this.prepareReport(federation, change);
    const receipt = await mined(this.sendReport(prepared));
    const { round } = prepared.report;
    this.reports.set(`${federation}/${round}`, prepared.report);
    expect((await this.round(round, federation)).hash).to.equal(reportHash(prepared.report));
    return { ...prepared, round, receipt };
  }

  async finalise(round: number, federation = 1): Promise<void> {
    await this.untilDeadline(round, federation);
    await this.kernel.rounds.finalise(federation, round);
  }

  /** Seals and reports the next round. */
  async runRound(seats?: readonly number[], federation = 1): Promise<number> {
    const { round } = await this.seal(seats, federation);
    await this.report(federation);
    return round;
  }

  async force(seat: number, change: Partial<Contribution> = {}, federation = 1) {
    const contribution = this.contribution(seat, await this.openRound(federation), change);
    await this.kernel.rounds.forceInclude(contribution, this.sign(contribution));
    return contribution;
  }

  /** The proof that the mock verifier believes. @param context Hash of the context that it is for; zero fits all. */
  mockProof(kind: number, report: Report = EMPTY_REPORT, context = E.ZeroHash): string {
    const { federation, round, attempt, sealHash, modelRoot, metricsHash, excluded, artefact } = report;
    const types = ["uint32", "uint32", "uint8", "bytes32", "bytes32", "bytes32", "uint256", "bytes32"];
    return E.concat([E.toBeHex(kind, 1), context, E.AbiCoder.defaultAbiCoder().encode(types, [federation, round, attempt, sealHash, modelRoot, metricsHash, excluded, artefact])]);
  }

  /** Commits to a proof, and proves it in the next block. */
  async commitAndProve(round: number, proof: string, { federation = 1, verifier = this.kernel.verifier, at }: ProveOptions = {}) {
    const { disputes, outsider } = this.kernel;
    const address = await verifier.getAddress();
    await mined(disputes.connect(outsider).commit(await disputes.commitmentOf(outsider, federation, round, address, E.keccak256(proof))));
    if (at !== undefined) await this.at(at);
    return await disputes.connect(outsider).prove(federation, round, address, proof);
  }

  /** Proves a fault, as the verifier is told to believe. */
  async prove(round: number, kind: number, federation = 1, at?: bigint) {
    return await this.commitAndProve(round, this.mockProof(kind, this.reports.get(`${federation}/${round}`)), { federation, at });
  }

  async overturn(round: number, kind = Fault.Report, federation = 1, at?: bigint): Promise<ContractTransactionReceipt> {
    return await mined(this.prove(round, kind, federation, at));
  }

  /** Gives the dataset of `SEATS.other` an ethics approval that is over when this returns. */
  async expireEthics(seat: number): Promise<void> {
    const { datasets, seats, helpers, officers } = this.kernel;
    const { card, consentVersion, records, privacyCap, exempt, licence, legalBasis, ethicsApproval } = await datasets.termsOf(DATASETS.other);
    const ethicsExpiry = (await this.now()) + 30 * DAY;
    const terms = { card, ethicsExpiry, consentVersion, records, privacyCap, exempt, licence, legalBasis, ethicsApproval };
    await datasets.connect(must(officers[1])).proposeAmendment(DATASETS.other, terms);
    await datasets.amend(DATASETS.other, terms);
    await seats.renew(1, seat, 0);
    await helpers.time.increase(31 * DAY);
  }

  /** The custodian of the last seat's dataset withdraws: the consent epoch rises. */
  async withdrawConsent(): Promise<void> {
    await this.kernel.datasets.connect(must(this.kernel.officers[1])).withdraw(4);
  }
}

export const EMPTY_REPORT: Report = {
  federation: 0,
  round: 0,
  attempt: 0,
  sealHash: E.ZeroHash as Hex,
  modelRoot: E.ZeroHash as Hex,
  metricsHash: E.ZeroHash as Hex,
  excluded: 0n,
  artefact: E.ZeroHash as Hex,
};

/** A driver over a fresh copy of the four-operator world. */
export const fresh = async (): Promise<Driver> => new Driver(await loadFour());
