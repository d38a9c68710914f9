import path from "node:path";

import { ethers as E, type BaseContract, type ContractTransactionResponse, type ParamType } from "ethers";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import Handover from "../../../deploy/modules/Handover.ts";
import { kernelParameters, readManifest } from "../../../scripts/chain/manifest.ts";

export const ProposalState = { Pending: 0n, Active: 1n, Canceled: 2n, Defeated: 3n, Succeeded: 4n, Queued: 5n, Expired: 6n, Executed: 7n };
export const Vote = { against: 0, for: 1, abstain: 2 };

export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("missing");
  return value;
}

export interface Action {
  readonly target: string;
  readonly data: string;
}

let connection: Promise<NetworkConnection> | undefined;

/** The kernel as the local manifest says, handed over to governance: deployed by the two Ignition modules and by nothing else. */
export async function loadGovernance(): Promise<Governance> {
  connection ??= network.create();
  const { networkHelpers } = await connection;
  return await networkHelpers.loadFixture(deployGovernance);
}

export type Governance = Awaited<ReturnType<typeof deployGovernance>>;

async function deployGovernance({ ethers, ignition, networkHelpers }: NetworkConnection) {
  const manifest = await readManifest(path.resolve(import.meta.dirname, "../../../deploy/manifests/local.json"));
  const fromBlock = await ethers.provider.getBlockNumber();
  const deployed = await ignition.deploy(Handover, { parameters: { Kernel: kernelParameters(manifest) } });
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
    aggregateVerifier: await ethers.getContractAt("AggregateVerifier", await at("aggregateVerifier")),
    normVerifier: await ethers.getContractAt("NormVerifier", await at("normVerifier")),
    signatureVerifier: await ethers.getContractAt("SignatureVerifier", await at("signatureVerifier")),
    predictionVerifier: await ethers.getContractAt("PredictionVerifier", await at("predictionVerifier")),
    rewardsVerifier: await ethers.getContractAt("RewardsVerifier", await at("rewardsVerifier")),
    demands: await ethers.getContractAt("Demands", await at("demands")),
    attestations: await ethers.getContractAt("Attestations", await at("attestations")),
    postings: await ethers.getContractAt("Postings", await at("postings")),
    loneReports: await ethers.getContractAt("LoneReports", await at("loneReports")),
    arbitration: await ethers.getContractAt("Arbitration", await at("arbitration")),
    holdouts: await ethers.getContractAt("Holdouts", await at("holdouts")),
    commendations: await ethers.getContractAt("Commendations", await at("commendations")),
    freezes: await ethers.getContractAt("Freezes", await at("freezes")),
    passkeyAccounts: await ethers.getContractAt("PasskeyAccounts", await at("passkeyAccounts")),
    timelock: await ethers.getContractAt("Timelock", await at("timelock")),
    governor: await ethers.getContractAt("ChongwenGovernor", await at("governor")),
  };
  const libraryCard = await ethers.getContractAt("LibraryCard", await kernel.contributors.libraryCard());
  const { governor, token } = kernel;
  const signers = await ethers.getSigners();
  const signer = (i: number) => must(signers[i]);
  const members = [signer(6), signer(7), signer(8)] as const;
  for (const member of members) await token.connect(member).delegate(member);
  await networkHelpers.mine();

  const now = async () => BigInt(await networkHelpers.time.latest());
  const parts = (actions: readonly Action[]) => [actions.map(({ target }) => target), actions.map(() => 0n), actions.map(({ data }) => data)] as const;
  const idOf = async (actions: readonly Action[], description: string) => await governor.hashProposal(...parts(actions), E.id(description));
  const propose = async (actions: readonly Action[], description = "proposal", by = members[0]) => {
    await governor.connect(by).propose(...parts(actions), description);
    return await idOf(actions, description);
  };
  const toVote = async (id: bigint) => {
    await networkHelpers.time.increaseTo((await governor.proposalSnapshot(id)) + 1n);
  };
  const toEnd = async (id: bigint) => {
    await networkHelpers.time.increaseTo((await governor.proposalDeadline(id)) + 1n);
  };
  const queue = async (actions: readonly Action[], description = "proposal") => await governor.connect(signer(15)).queue(...parts(actions), E.id(description));
  const execute = async (actions: readonly Action[], description = "proposal") => await governor.connect(signer(15)).execute(...parts(actions), E.id(description));
  const toExecution = async (id: bigint) => {
    await networkHelpers.time.increaseTo(await governor.proposalEta(id));
  };
  /** From proposal to a queued operation. */
  const pass = async (actions: readonly Action[], description = "proposal") => {
    const id = await propose(actions, description);
    await toVote(id);
    for (const member of members) await governor.connect(member).castVote(id, Vote.for);
    await toEnd(id);
    await queue(actions, description);
    return id;
  };
  /** The whole way. */
  const enact = async (actions: readonly Action[], description = "proposal") => {
    const id = await pass(actions, description);
    await toExecution(id);
    return { id, executed: execute(actions, description) };
  };

  return {
    ethers,
    helpers: networkHelpers,
    fromBlock,
    manifest,
    ...kernel,
    libraryCard,
    kernel,
    deployer: signer(0),
    council: signer(5),
    outsider: signer(15),
    officers: [signer(10), signer(11)] as const,
    signers,
    members,
    now,
    parts,
    idOf,
    propose,
    toVote,
    toEnd,
    toExecution,
    queue,
    execute,
    pass,
    enact,
  };
}

export type Sent = Promise<ContractTransactionResponse>;

/** Zero, empty or false, whatever the parameter is. */
function zeroOf(type: ParamType): unknown {
  if (type.isArray()) return [];
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.baseType === "address") return E.ZeroAddress;
  if (type.baseType === "bool") return false;
  if (type.baseType === "string") return "";
  if (type.baseType.startsWith("bytes")) return type.baseType === "bytes" ? "0x" : `0x${"00".repeat(Number(type.baseType.slice(5)))}`;
  return 0;
}

/** Names of the contract's functions that refuse `caller` because it is not the owner, whatever the arguments. */
export async function ownersFunctions(contract: BaseContract, caller: string): Promise<string[]> {
  const refused: string[] = [];
  const provider = must(contract.runner?.provider);
  for (const fragment of contract.interface.fragments) {
    if (!(fragment instanceof E.FunctionFragment) || fragment.stateMutability === "view" || fragment.stateMutability === "pure") continue;
    const data = contract.interface.encodeFunctionData(fragment, fragment.inputs.map(zeroOf));
    const unauthorized = E.id("OwnableUnauthorizedAccount(address)").slice(0, 10);
    const failure: unknown = await provider.call({ to: await contract.getAddress(), from: caller, data }).then(
      () => null,
      (error: unknown) => error,
    );
    if (failure !== null && revertData(failure).startsWith(unauthorized)) refused.push(fragment.name);
  }
  return refused.sort();
}

/** The revert data of a failed call, wherever the client put it. */
function revertData(failure: unknown): string {
  for (let error = failure; typeof error === "object" && error !== null; error = "cause" in error ? error.cause : "error" in error ? error.error : null) {
    if ("data" in error && typeof error.data === "string") return error.data;
  }
  return "0x";
}
