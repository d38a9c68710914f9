import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

export const DAY = 86_400n;
export const ROTATION_DELAY = 7n * DAY;
export const HOLD_PERIOD = 14n * DAY;
export const FEDERATION = 1;
export const ZERO = `0x${"00".repeat(20)}`;
export const EXEMPT = 2n ** 48n - 1n;

/** Status bits of a lane. */
export const Lane = { Granted: 1n, DatasetStopped: 2n, ContributorSuspended: 4n, Revoked: 8n, Support: 16n };
export const Status = { None: 0n, Proposed: 1n, Approved: 2n, Suspended: 3n, Retired: 4n };
export const Drop = {
  None: 0n,
  UnknownSeat: 1n,
  Revoked: 2n,
  DatasetStopped: 3n,
  ContributorSuspended: 4n,
  EthicsExpired: 5n,
  BudgetExhausted: 6n,
  DuplicateRoot: 7n,
  SupportSeat: 8n,
};

export const keyProofTypes = {
  KeyProof: [
    { name: "organisation", type: "uint32" },
    { name: "payee", type: "address" },
    { name: "key", type: "address" },
  ],
};
export const keySuccessionTypes = {
  KeySuccession: [
    { name: "contributor", type: "uint32" },
    { name: "key", type: "address" },
  ],
};

export interface Terms {
  card: string;
  ethicsExpiry: bigint;
  consentVersion: number;
  records: number;
  privacyCap: bigint;
  exempt: boolean;
  licence: string;
  legalBasis: string;
  ethicsApproval: string;
}

let connection: Promise<NetworkConnection> | undefined;

/** One chain for all tests of the registry, opened when the first test asks for it. */
export async function loadWorld() {
  connection ??= network.create();
  const { networkHelpers } = await connection;
  return await networkHelpers.loadFixture(deployWorld);
}

export type World = Awaited<ReturnType<typeof loadWorld>>;

/** Registry as deployed and wired; two organisations with two officers each; nobody registered, nothing proposed. */
async function deployWorld({ ethers, networkHelpers }: NetworkConnection) {
  const signers = await ethers.getSigners();
  const signer = (i: number) => {
    const found = signers[i];
    if (found === undefined) throw new Error(`no test account ${i}`);
    return found;
  };
  const [owner, council, outsider, institution] = [signer(0), signer(1), signer(2), signer(3)];
  const officers = { a: signer(4), b: signer(5), otherA: signer(6), otherB: signer(7) };
  const keys = { first: signer(8), second: signer(9), third: signer(10) };

  const contributors = await ethers.deployContract("Contributors", [owner.address, ROTATION_DELAY]);
  const datasets = await ethers.deployContract("Datasets", [owner.address, contributors, council.address, HOLD_PERIOD]);
  const seats = await ethers.deployContract("Seats", [owner.address, contributors, datasets]);
  const ledger = await ethers.deployContract("MockLedger", [seats]);
  const card = await ethers.getContractAt("LibraryCard", await contributors.libraryCard());
  await contributors.changeSeats(seats);
  await datasets.changeSeats(seats);
  await seats.changeLedger(ledger);
  await contributors.admitOrganisation(institution.address, officers.a.address, officers.b.address, 0);
  await contributors.admitOrganisation(outsider.address, officers.otherA.address, officers.otherB.address, 7);

  const now = async () => BigInt(await networkHelpers.time.latest());
  const domain = {
    name: "Chongwen",
    version: "1",
    chainId: (await ethers.provider.getNetwork()).chainId,
    verifyingContract: await contributors.getAddress(),
  };

  const keyProof = async (key: Signs, organisation: number, payee: string) =>
    await key.signTypedData(domain, keyProofTypes, { organisation, payee, key: key.address });
  const keySuccession = async (key: Signs, contributor: number) =>
    await key.signTypedData(domain, keySuccessionTypes, { contributor, key: key.address });

  const register = async (key: Signs, organisation = 1, payee = institution.address) => {
    const officer = organisation === 1 ? officers.a : officers.otherA;
    await contributors
      .connect(officer)
      .registerContributor(organisation, key.address, payee, await keyProof(key, organisation, payee));
    return Number(await contributors.contributorCount());
  };
  const newContributor = async () => await register(ethers.Wallet.createRandom());
  const rotate = async (contributor: number, from: (typeof signers)[number], to: Signs) =>
    await contributors.connect(from).rotateKey(contributor, to.address, await keySuccession(to, contributor));

  const terms = async (changes: Partial<Terms> = {}): Promise<Terms> => ({
    card: ethers.id("card"),
    ethicsExpiry: (await now()) + 365n * DAY,
    consentVersion: 1,
    records: 250,
    privacyCap: 1_000_000n,
    exempt: false,
    licence: "CC-BY-4.0",
    legalBasis: "GDPR 9(2)(j)",
    ethicsApproval: "IRB 2026-17",
    ...changes,
  });
  const proposeDataset = async (changes: Partial<Terms> = {}) => {
    await datasets.connect(officers.a).propose(1, await terms(changes));
    return Number(await datasets.datasetCount());
  };
  const approvedDataset = async (changes: Partial<Terms> = {}) => {
    const dataset = await proposeDataset(changes);
    await datasets.approve(dataset);
    return dataset;
  };
  const amendDataset = async (dataset: number, changes: Partial<Terms> = {}) => {
    const amended = await terms(changes);
    await datasets.connect(officers.a).proposeAmendment(dataset, amended);
    await datasets.amend(dataset, amended);
  };
  const grantSeat = async (contributor: number, dataset: number, budget = 1000n, federation = FEDERATION) => {
    await seats.grant(federation, contributor, dataset, budget);
    return Number(await seats.seatCount(federation)) - 1;
  };

  /** As many seats, each of another contributor, on as few datasets as can have them. */
  const manySeats = async (count: number, budget: bigint, changes: Partial<Terms> = {}) => {
    const granted: number[] = [];
    let dataset = 0;
    for (let i = 0; i < count; ++i) {
      if (i % 64 === 0) dataset = await approvedDataset({ privacyCap: 1_000_000_000n, ...changes });
      granted.push(await grantSeat(await newContributor(), dataset, budget));
    }
    return granted;
  };
  const laneOf = async (seat: number, federation = FEDERATION) => {
    const { status, version, weight, remaining, lastRound, expiryDay } = await seats.laneOf(federation, seat);
    return { status, version, weight, remaining, lastRound, expiryDay };
  };

  /** What a seal would get, without sealing. */
  const weighed = async (ids: number[], rho = 0n, round = 1, skip = 0n, federation = FEDERATION) => {
    const result = await ledger.charge.staticCall(federation, round, column(ids), rho, skip);
    return unpackWeights(result.weights);
  };
  const charge = async (ids: number[], rho = 10n, round = 1, skip = 0n, federation = FEDERATION) =>
    await ledger.charge(federation, round, column(ids), rho, skip);

  return {
    ethers,
    time: networkHelpers.time,
    owner,
    council,
    outsider,
    institution,
    officers,
    keys,
    contributors,
    datasets,
    seats,
    ledger,
    card,
    domain,
    now,
    keyProof,
    keySuccession,
    register,
    newContributor,
    rotate,
    terms,
    proposeDataset,
    approvedDataset,
    amendDataset,
    grantSeat,
    manySeats,
    laneOf,
    weighed,
    charge,
  };
}

interface Signs {
  address: string;
  signTypedData(domain: object, types: typeof keyProofTypes | typeof keySuccessionTypes, value: object): Promise<string>;
}

/** Big-endian uint32 ids, as a seal carries them. */
export function column(ids: number[]): string {
  return `0x${ids.map((id) => id.toString(16).padStart(8, "0")).join("")}`;
}

/** Big-endian uint16 weights, as `charge` returns them. */
export function unpackWeights(weights: string): number[] {
  return (weights.slice(2).match(/.{4}/g) ?? []).map((weight) => Number.parseInt(weight, 16));
}
