/** A federation's entries as one block's state holds them, proven: what an operator may sign against, and what a reader needs nobody's word for. */
import type { Address, Hex } from "viem";
import { getAddress } from "viem/utils";
import type { ContractName, Deployment } from "../deployment.ts";
import { protocolError } from "../errors.ts";
import { proveAccount, type AccountProof, type ProvenAccount } from "./account.ts";
import type { Header } from "./header.ts";
import {
  DATASET_COUNT, datasetSlots, decodeDataset, decodeDatasetCount, decodeEpoch, decodeFrozenUntil, decodeHash, decodeHead, decodeRound, decodeSettlement, decodeVault, federationSlots, frozenSlot, paidSlot, roundSlots, settlementSlots, SLOTS, treasurySlots,
  type ProvenDataset, type ProvenEpoch, type ProvenHead, type ProvenRound, type ProvenSettlement,
} from "./slots.ts";

/** @param rounds Which of its rounds. @param vault As the treasury names it; null: it has none. */
export interface LedgerQuestion {
  readonly federation: number;
  readonly rounds: readonly number[];
  readonly vault: Address | null;
  /** When its last freeze ends. */
  readonly freezes?: boolean;
  /** Seats of which it is asked what they have claimed. */
  readonly paid?: readonly number[];
  readonly datasets?: readonly number[];
}

/** Everything of a federation that is kept in slots whose place is known. */
export interface ProvenLedger {
  readonly rounds: ReadonlyMap<number, ProvenRound>;
  readonly head: ProvenHead;
  readonly settlement: ProvenSettlement;
  readonly epoch: ProvenEpoch;
  /** As the treasury holds it. */
  /** Null when it was not asked. */
  readonly frozenUntil: number | null;
  /** Null when it was not asked. @param count Of the registry. */
  readonly datasets: { readonly count: number; readonly by: ReadonlyMap<number, ProvenDataset> } | null;
  readonly vault: { readonly address: Address; readonly paid: ReadonlyMap<number, bigint>; readonly credited: bigint; readonly rewardsRoot: Hex; readonly total: bigint } | null;
  /** Of the code of every contract of the deployment; the vault's under `vault`. */
  readonly codeHashes: ReadonlyMap<ContractName | "vault", Hex>;
}

/** Slots to be asked for, by account; none where only the code matters. */
export function ledgerSlots({ contracts }: Deployment, { federation, rounds, vault, freezes = false, paid = [], datasets }: LedgerQuestion): ReadonlyMap<Address, readonly bigint[]> {
  const slots = new Map<Address, readonly bigint[]>(Object.values(contracts).map((address) => [getAddress(address), []]));
  slots.set(getAddress(contracts.rounds), [...federationSlots(federation), ...(freezes ? [frozenSlot(federation)] : []), ...rounds.flatMap((round) => roundSlots(federation, round))]);
  slots.set(getAddress(contracts.settlement), settlementSlots(federation));
  slots.set(getAddress(contracts.operators), [SLOTS["Operators._current"]]);
  slots.set(getAddress(contracts.treasury), treasurySlots(federation));
  if (datasets !== undefined) slots.set(getAddress(contracts.datasets), [DATASET_COUNT.slot, ...datasets.flatMap(datasetSlots)]);
  if (vault !== null) slots.set(getAddress(vault), [SLOTS["RewardsVault.rewardsRoot"], SLOTS["RewardsVault.total"], ...paid.map(paidSlot)]);
  return slots;
}

/** The words of slots, in their order. */
export const wordsOf = <Slots extends readonly bigint[]>({ slots }: ProvenAccount, wanted: Slots): { readonly [At in keyof Slots]: bigint } =>
  wanted.map((slot) => slots.get(slot) ?? 0n) as unknown as { readonly [At in keyof Slots]: bigint };

/** @param proofs One an account. @throws proof-invalid */
export async function proveLedger({ stateRoot }: Pick<Header, "stateRoot">, deployment: Deployment, question: LedgerQuestion, proofs: ReadonlyMap<Address, AccountProof>): Promise<ProvenLedger> {
  const { contracts } = deployment;
  const { federation } = question;
  const accounts = new Map<Address, ProvenAccount>();
  for (const [address, slots] of ledgerSlots(deployment, question)) {
    const proof = proofs.get(address);
    if (proof === undefined) throw protocolError("proof-invalid", `There is no proof of account ${address}.`);
    accounts.set(address, await proveAccount(stateRoot, address, proof, slots));
  }
  const account = (address: Address) => accounts.get(getAddress(address)) as ProvenAccount;
  const rounds = account(contracts.rounds);
  const [vaultWord, credited] = wordsOf(account(contracts.treasury), treasurySlots(federation));
  const named = vaultWord === 0n ? null : decodeVault(vaultWord);
  const isTheirs = question.vault === null ? decodeVault(vaultWord) === decodeVault(0n) : named === getAddress(question.vault);
  if (!isTheirs) throw protocolError("proof-invalid", `The treasury names ${named ?? "no vault"} for federation ${federation}, not ${question.vault ?? "none"}.`);
  const vault = question.vault === null ? null : account(question.vault);
  return {
    rounds: new Map(question.rounds.map((round) => [round, decodeRound(...wordsOf(rounds, roundSlots(federation, round)))])),
    head: decodeHead(...wordsOf(rounds, federationSlots(federation))),
    settlement: decodeSettlement(wordsOf(account(contracts.settlement), settlementSlots(federation))),
    epoch: decodeEpoch(wordsOf(account(contracts.operators), [SLOTS["Operators._current"]] as const)[0]),
    frozenUntil: question.freezes === true ? decodeFrozenUntil(rounds.slots.get(frozenSlot(federation)) ?? 0n) : null,
    datasets: question.datasets === undefined ? null : {
      count: decodeDatasetCount(account(contracts.datasets).slots.get(DATASET_COUNT.slot) ?? 0n),
      by: new Map(question.datasets.map((dataset) => [dataset, decodeDataset(...wordsOf(account(contracts.datasets), datasetSlots(dataset)))])),
    },
    vault: vault === null || question.vault === null ? null : {
      address: getAddress(question.vault), credited, paid: new Map((question.paid ?? []).map((index) => [index, vault.slots.get(paidSlot(index)) ?? 0n])),
      rewardsRoot: decodeHash(vault.slots.get(SLOTS["RewardsVault.rewardsRoot"]) ?? 0n), total: vault.slots.get(SLOTS["RewardsVault.total"]) ?? 0n,
    },
    codeHashes: new Map([...Object.entries(contracts).map(([name, address]) => [name as ContractName, account(address).codeHash] as const), ...(vault === null ? [] : [["vault", vault.codeHash] as const])]),
  };
}
