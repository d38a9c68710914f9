import { ethers as E, Wallet, type ContractTransactionReceipt, type ContractTransactionResponse } from "ethers";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import Kernel from "../../../deploy/modules/Kernel.ts";
import type { Hex } from "../../../protocol/bytes.ts";
import { createDomain, digestOf, type FederationConfig } from "../../../protocol/index.ts";

export const DAY = 86_400;
export const SHU = 10n ** 18n;
export const ROTATION_DELAY = 7 * DAY;
export const UNBONDING = 42 * DAY;
export const FREEZE = 5 * DAY;
export const BOND = 100n * SHU;
export const ROUND_UNITS = 20;
export const SETTLEMENT_UNITS = 4;
export const DISPUTES = {
  answerWindow: 100,
  plainDemands: 4,
  demandBondBase: SHU / 1_000n,
  demandBondPerChunk: SHU / 100_000n,
  loneReportBond: 3n * BOND,
  arbitrationBond: BOND,
  arbitrationPeriod: 3 * DAY,
};
/** Nano-ρ a round. */
export const RHO = 10;
/** Σq² that the first federation accepts. */
export const NORM_BOUND = 1_000_000n;

export const State = { None: 0n, Open: 1n, Sealed: 2n, Reported: 3n, Final: 4n, Void: 5n };
export const Fault = { None: 0, Report: 1, Seal: 2 };
export const VoidReason = { None: 0n, ReportTimeout: 1n, SealTimeout: 2n, ParentVoid: 3n, ParentReplaced: 4n, TooManyFaults: 5n, Reconfigured: 6n, NeverReleased: 7n };
export const Drop = { None: 0n, UnknownSeat: 1n, Revoked: 2n, DatasetStopped: 3n, ContributorSuspended: 4n, EthicsExpired: 5n, BudgetExhausted: 6n, DuplicateRoot: 7n, SupportSeat: 8n };

export const MODEL_ROOT = E.id("genesis model") as Hex;
export const ARTEFACT = E.id("genesis artefact") as Hex;

export const CONFIG: FederationConfig = {
  ruleId: 1,
  ruleParam: 0n,
  scoringId: 1,
  privacyMode: 0,
  elementWidth: 2,
  hasBase: true,
  depth: 0,
  modelSpecRoot: E.id("model spec") as Hex,
  termsHash: E.ZeroHash as Hex,
  recordsPerWeight: 10,
  maxSeats: 64,
  minContributors: 3,
  maxExcludedBps: 3_300,
  rhoPerRound: RHO,
  normSqBound: NORM_BOUND,
  forceWindow: 60,
  reportWindow: 600,
  challengeWindow: 300,
  maxAttempts: 3,
  settleEvery: 1,
  poolPerRound: 1_000n * SHU,
  finality: 0,
  approvalWindow: 0,
};

/** What each seat of the first federation is for. */
export const SEATS = {
  /** On public data. */
  exempt: [0, 1],
  /** On private data, with budget for 1000 rounds. */
  budgeted: [2, 3, 4, 5],
  /** On private data, with budget for two rounds. */
  short: 6,
  /** On data of another custodian, so that it can be stopped alone. */
  other: 7,
} as const;
export const ALL_SEATS = [0, 1, 2, 3, 4, 5, 6, 7];
export const DATASETS = { exempt: 1, budgeted: 2, short: 3, other: 4 };

export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("missing");
  return value;
}

export const mined = async (sent: Promise<ContractTransactionResponse>): Promise<ContractTransactionReceipt> => must(await (await sent).wait());

/** An account whose key the test holds. */
export const walletOf = (name: string): Wallet => new Wallet(E.id(name));

const ascending = (wallets: Wallet[]): Wallet[] => wallets.toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));

export interface Size {
  readonly operators: number;
  readonly threshold: number;
}

export type Kernel = Awaited<ReturnType<typeof deploy>>;

/** The real kernel through its Ignition module: no mocks but the fault verifier. */
async function deploy(connection: NetworkConnection, { operators, threshold }: Size) {
  const { ethers, ignition, networkHelpers } = connection;
  const [deployer, council, outsider] = (await ethers.getSigners()) as [Signer, Signer, Signer];
  const operatorKeys = ascending(Array.from({ length: operators }, (_, i) => walletOf(`operator ${i}`)));
  const contributorKeys = ALL_SEATS.map((i) => walletOf(`contributor ${i}`));
  const parameters = {
    rotationDelay: ROTATION_DELAY,
    council: council.address,
    holdPeriod: 14 * DAY,
    freezePeriod: FREEZE,
    token: { cap: 100_000_000n * SHU, emissionPerEpoch: 1_000_000n * SHU, epochLength: 30 * DAY },
    allocations: operatorKeys.map(({ address }) => ({ account: address, amount: 1_000_000n * SHU })),
    bondPerUnit: BOND,
    unbondingPeriod: UNBONDING,
    ...DISPUTES,
    timelockDelay: 2 * DAY,
    governor: { votingDelay_: DAY, votingPeriod_: 5 * DAY, proposalThreshold_: 1_000n * SHU, quorumPercent: 4, lateQuorumExtension: DAY },
  };
  const deployed = await ignition.deploy(Kernel, { parameters: { Kernel: parameters } });
  const at = async (name: keyof typeof deployed) => await deployed[name].getAddress();
  const kernel = {
    contributors: await ethers.getContractAt("Contributors", await at("contributors")),
    datasets: await ethers.getContractAt("Datasets", await at("datasets")),
    seats: await ethers.getContractAt("Seats", await at("seats")),
    treasury: await ethers.getContractAt("Treasury", await at("treasury")),
    token: await ethers.getContractAt("ContributionToken", await at("token")),
    operators: await ethers.getContractAt("Operators", await at("operators")),
    rounds: await ethers.getContractAt("Rounds", await at("rounds")),
    settlement: await ethers.getContractAt("Settlement", await at("settlement")),
    disputes: await ethers.getContractAt("Disputes", await at("disputes")),
    rewardsVerifier: await ethers.getContractAt("RewardsVerifier", await at("rewardsVerifier")),
    holdouts: await ethers.getContractAt("Holdouts", await at("holdouts")),
    commendations: await ethers.getContractAt("Commendations", await at("commendations")),
    freezes: await ethers.getContractAt("Freezes", await at("freezes")),
    verifier: await ethers.deployContract("MockVerifier"),
  };
  const chainId = Number((await ethers.provider.getNetwork()).chainId);
  const registryDomain = createDomain(chainId, (await kernel.contributors.getAddress()) as Hex);

  /** Organisation i has accounts of its own; the officers are two, and the first of them does the work here. */
  const officers = Array.from({ length: operators }, (_, i) => walletOf(`officer ${i}`).connect(ethers.provider));
  for (const [i, officer] of officers.entries()) {
    await networkHelpers.setBalance(officer.address, 10n ** 20n);
    await kernel.contributors.admitOrganisation(walletOf(`institution ${i}`).address, officer.address, walletOf(`second officer ${i}`).address, 0);
  }
  const officer = (i: number) => must(officers[i]);

  for (const [i, key] of operatorKeys.entries()) {
    const operator = key.connect(ethers.provider);
    await networkHelpers.setBalance(key.address, 10n ** 20n);
    await kernel.operators.admit(key.address, i + 1);
    await kernel.token.connect(operator).approve(kernel.operators, E.MaxUint256);
    await kernel.operators.connect(operator).bond(BOND * 40n);
  }
  await kernel.operators.formEpoch(operatorKeys.map(({ address }) => address), threshold, ROUND_UNITS, SETTLEMENT_UNITS);
  await kernel.disputes.changeVerifier(kernel.verifier, true);

  for (const key of contributorKeys) {
    const proof = key.signingKey.sign(digestOf(registryDomain, "KeyProof", { organisation: 1, payee: key.address as Hex, key: key.address as Hex })).serialized;
    await kernel.contributors.connect(officer(0)).registerContributor(1, key.address, key.address, proof);
  }
  const terms = (name: string, exempt: boolean, privacyCap: bigint) => ({
    card: E.id(name),
    ethicsExpiry: BigInt(Math.floor(Date.now() / 1000) + 3650 * DAY),
    consentVersion: 1,
    records: 250,
    privacyCap,
    exempt,
    licence: "CC-BY-4.0",
    legalBasis: "GDPR 9(2)(j)",
    ethicsApproval: "IRB 2026-17",
  });
  for (const [i, [name, exempt]] of ([["exempt", true], ["budgeted", false], ["short", false], ["other", false]] as const).entries()) {
    const custodian = name === "other" ? 2 : 1;
    await kernel.datasets.connect(officer(custodian - 1)).propose(custodian, terms(name, exempt, exempt ? 0n : 10_000_000n));
    await kernel.datasets.approve(i + 1);
  }
  // Two federations with the same seats: a signature for one must be worth nothing in the other.
  for (const federation of [1, 2]) {
    await kernel.rounds.createFederation(CONFIG, MODEL_ROOT, ARTEFACT);
    for (const seat of ALL_SEATS) {
      const dataset = seat < 2 ? DATASETS.exempt : seat < 6 ? DATASETS.budgeted : seat === 6 ? DATASETS.short : DATASETS.other;
      const budget = dataset === DATASETS.exempt ? 0 : dataset === DATASETS.short ? 2 * RHO : 1_000 * RHO;
      await kernel.seats.grant(federation, seat + 1, dataset, budget);
    }
  }
  return {
    connection,
    ethers,
    helpers: networkHelpers,
    chainId,
    domain: createDomain(chainId, (await kernel.rounds.getAddress()) as Hex),
    ...kernel,
    timelock: await ethers.getContractAt("Timelock", await at("timelock")),
    governor: await ethers.getContractAt("ChongwenGovernor", await at("governor")),
    deployer,
    council,
    outsider,
    officers,
    operatorKeys,
    contributorKeys,
    threshold,
  };
}

type Signer = Awaited<ReturnType<NetworkConnection["ethers"]["getSigners"]>>[number];

const FOUR: Size = { operators: 4, threshold: 3 };
const TEN: Size = { operators: 10, threshold: 7 };
const opened = new Map<Size, Promise<{ connection: NetworkConnection; fixture: () => Promise<Kernel> }>>();

async function open(size: Size) {
  const connection = await network.create();
  return { connection, fixture: async () => await deploy(connection, size) };
}

/** A chain for all tests with that many operators, opened when the first asks for it; every call starts from the same block. */
async function load(size: Size): Promise<Kernel> {
  const chain = opened.get(size) ?? open(size);
  opened.set(size, chain);
  const { connection, fixture } = await chain;
  const kernel = await connection.networkHelpers.loadFixture(fixture);
  // The chain's clock has gone on since the fixture was made: on a slow machine, past the end of a window.
  await kernel.helpers.time.setNextBlockTimestamp((await kernel.helpers.time.latest()) + 1);
  return kernel;
}

/** Closes every chain that was opened here. A test runner does it by ending; a program that goes on does not. */
export async function closeWorlds(): Promise<void> {
  const chains = [...opened.values()];
  opened.clear();
  for (const chain of chains) await (await chain).connection.close();
}

/** Four operators, three of whom must sign. */
export const loadFour = async (): Promise<Kernel> => await load(FOUR);
/** Ten operators, seven of whom must sign. */
export const loadTen = async (): Promise<Kernel> => await load(TEN);
