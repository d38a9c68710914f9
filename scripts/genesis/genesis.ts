import { parseEventLogs, type Address, type Hex } from "viem";
import { createDomain, type FederationConfig, type KeyProof } from "../../protocol/index.ts";
import { chainTime, waitUntil } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { Manifest } from "../chain/manifest.ts";
import { signStruct } from "../chain/sign.ts";
import type { Transactor } from "../chain/transactor.ts";
import type { HDAccount } from "viem/accounts";
import { devAccount, devAccountAt } from "../chain/dev-accounts.ts";
import { deployer, foundingMember, supportKey, type HospitalKeys } from "./cast.ts";
import type { DatasetTerms } from "../../protocol/dataset-terms.ts";

/** What the genesis steps act through. */
export interface GenesisContext {
  readonly kernel: Kernel;
  readonly transactor: Transactor;
  readonly manifest: Manifest;
}

/** A hospital after its registration. */
export interface Registration {
  readonly organisation: number;
  readonly contributor: number;
  readonly dataset: number;
}

/** Admits the operators' organisations, bonds them, and forms the first epoch. @returns The organisations, in the manifest's order */
export async function seatOperators({ kernel, transactor, manifest }: GenesisContext): Promise<number[]> {
  const { operators, token } = kernel;
  const organisations: number[] = [];
  const bond = manifest.kernel.bondPerUnit * BigInt(manifest.operators.roundUnits + manifest.operators.settlementUnits);
  for (const [i, { key, account, officers }] of manifest.operators.members.entries()) {
    const organisation = await admitOrganisation({ kernel, transactor, manifest }, account, officers);
    organisations.push(organisation);
    await transactor.send(deployer(), { kind: "operator.admit", ...operators, functionName: "admit", args: [key, organisation] });
    const operator = devAccount(1 + i);
    await transactor.send(operator, { kind: "token.approve", ...token, functionName: "approve", args: [operators.address, bond] });
    await transactor.send(operator, { kind: "operator.bond", ...operators, functionName: "bond", args: [bond] });
  }
  const ascending = manifest.operators.members.map(({ key }) => key).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const { threshold, roundUnits, settlementUnits } = manifest.operators;
  await transactor.send(deployer(), {
    kind: "operator.epoch",
    ...operators,
    functionName: "formEpoch",
    args: [ascending, threshold, roundUnits, settlementUnits],
  });
  return organisations;
}

/** Gives every operator's organisation a support seat: its work on reports is paid there. @returns The first of them */
export async function seatSupport(context: GenesisContext, federation: number, organisations: readonly number[]): Promise<number> {
  const { kernel, transactor, manifest } = context;
  const first = await kernel.seats.read.seatCount([federation]);
  for (const [i, organisation] of organisations.entries()) {
    const member = manifest.operators.members[i];
    const officer = member && devAccountAt(member.officers[0]);
    if (member === undefined || officer === undefined) continue;
    const contributor = await registerContributor(context, officer, { organisation, payee: member.account, key: supportKey(i) });
    await transactor.send(deployer(), { kind: "seat.grantSupport", ...kernel.seats, functionName: "grantSupport", args: [federation, contributor] });
  }
  return first;
}

async function registerContributor({ kernel, transactor }: GenesisContext, officer: HDAccount, { organisation, payee, key }: { readonly organisation: number; readonly payee: Address; readonly key: HDAccount }): Promise<number> {
  const { contributors } = kernel;
  const proof: KeyProof = { organisation, payee, key: key.address };
  const signature = await signStruct(key, createDomain(kernel.deployment.chainId, contributors.address), "KeyProof", proof);
  const { logs } = await transactor.send(officer, { kind: "contributor.register", ...contributors, functionName: "registerContributor", args: [organisation, key.address, payee, signature] });
  const [registered] = parseEventLogs({ abi: contributors.abi, logs, eventName: "ContributorRegistered" });
  if (registered === undefined) throw new Error("The registry emitted no event for a registration.");
  return registered.args.contributor;
}

/** Admits a hospital, registers its contributor with a proof of its key, and proposes its dataset. Nothing can use the dataset yet. */
export async function registerHospital(context: GenesisContext, keys: HospitalKeys, terms: DatasetTerms): Promise<Registration> {
  const { kernel, transactor } = context;
  const { datasets } = kernel;
  const [officer] = keys.officers;
  const organisation = await admitOrganisation(context, keys.institution.address, [keys.officers[0].address, keys.officers[1].address]);

  const contributor = await registerContributor(context, officer, { organisation, payee: keys.institution.address, key: keys.signer });

  const proposed = await transactor.send(officer, { kind: "dataset.propose", ...datasets, functionName: "propose", args: [organisation, terms] });
  const [proposal] = parseEventLogs({ abi: datasets.abi, logs: proposed.logs, eventName: "DatasetProposed" });
  if (proposal === undefined) throw new Error("The registry emitted no event for a registration.");
  return { organisation, contributor, dataset: proposal.args.dataset };
}

async function admitOrganisation({ kernel, transactor }: GenesisContext, account: Address, officers: readonly [Address, Address]): Promise<number> {
  const { contributors } = kernel;
  const receipt = await transactor.send(deployer(), {
    kind: "organisation.admit",
    ...contributors,
    functionName: "admitOrganisation",
    args: [account, officers[0], officers[1], 0],
  });
  const [admitted] = parseEventLogs({ abi: contributors.abi, logs: receipt.logs, eventName: "OrganisationAdmitted" });
  if (admitted === undefined) throw new Error("The registry emitted no event for an admission.");
  return admitted.args.organisation;
}

/** Creates the federation and sets its share of the emission aside, or lets it earn points. */
export async function createFederation(
  { kernel, transactor, manifest }: GenesisContext,
  config: FederationConfig,
  genesis: { readonly modelRoot: Hex; readonly artefact: Hex },
): Promise<number> {
  const { rounds, treasury } = kernel;
  const receipt = await transactor.send(deployer(), {
    kind: "federation.create",
    ...rounds,
    functionName: "createFederation",
    args: [config, genesis.modelRoot, genesis.artefact],
  });
  const [created] = parseEventLogs({ abi: rounds.abi, logs: receipt.logs, eventName: "FederationCreated" });
  if (created === undefined) throw new Error("The ledger emitted no event for a federation.");
  const { federation } = created.args;
  // Without a reserve it earns points, to which governance can attach the token later.
  if (manifest.reserve === 0n) await transactor.send(deployer(), { kind: "treasury.openPoints", ...treasury, functionName: "openPoints", args: [federation] });
  else await transactor.send(deployer(), { kind: "treasury.reserve", ...treasury, functionName: "reserve", args: [federation, manifest.reserve] });
  return federation;
}

/** Approves a founding hospital's dataset and grants its seat, as the manifest decides. Later ones need a vote. @param budget Nano-ρ; 0 for exempt data. */
export async function seatFounder({ kernel, transactor }: GenesisContext, federation: number, { contributor, dataset }: Registration, budget = 0): Promise<void> {
  const { datasets, seats } = kernel;
  await transactor.send(deployer(), { kind: "dataset.approve", ...datasets, functionName: "approve", args: [dataset] });
  await transactor.send(deployer(), { kind: "seat.grant", ...seats, functionName: "grant", args: [federation, contributor, dataset, budget] });
}

/** Members delegate to themselves: votes that nobody holds do not count. They count from the next second on. */
export async function delegateMembers({ kernel, transactor, manifest }: GenesisContext): Promise<void> {
  for (const i of manifest.members.keys()) {
    const member = foundingMember(i);
    await transactor.send(member, { kind: "token.delegate", ...kernel.token, functionName: "delegate", args: [member.address] });
  }
  await waitUntil(kernel.client, (await chainTime(kernel.client)) + 1);
}
