/**
 * Where the contracts keep what matters. The numbers are those of `snapshots/contracts.json`; tests compare them with it, and with the storage of a chain.
 * Layout of mappings and structures: https://docs.soliditylang.org/en/latest/internals/layout_in_storage.html
 */
import type { Address, Hex } from "viem";
import { encodeAbiParameters, getAddress, keccak256, pad, toHex } from "viem/utils";
import { ROUND_STATES, type RoundState } from "../ledger/states.ts";

/** `Contract.variable`, as in the snapshot. */
export const SLOTS = {
  "Rounds._federations": 4n,
  "Rounds._rounds": 5n,
  "Settlement._accounts": 5n,
  "Operators._current": 3n,
  "Treasury._accounts": 5n,
  "Treasury.creditedOf": 7n,
  "RewardsVault.rewardsRoot": 2n,
  "RewardsVault.total": 3n,
  "RewardsVault._paid": 4n,
  "Datasets._datasets": 3n,
  "Datasets._terms": 4n,
} as const;

/** Bytes before each field in its word, counted from the lowest. */
export const OFFSETS = {
  "Rounds.Federation.last": 0,
  "Rounds.Federation.tip": 3,
  "ISettlement.Account.nextIndex": 0,
  "ISettlement.Account.attempt": 4,
  "ISettlement.Account.state": 5,
  "ISettlement.Account.deadline": 6,
  "ISettlement.Account.settledThrough": 11,
  "ISettlement.Account.proposedThrough": 15,
  "ISettlement.Account.frozen": 27,
  "IOperators.Epoch.signers": 0,
  "IOperators.Epoch.size": 20,
  "IOperators.Epoch.threshold": 21,
  "IOperators.Epoch.number": 22,
  "Treasury.Account.vault": 0,
  "IDatasets.Dataset.status": 0,
  "IDatasets.Dataset.version": 1,
} as const;

const UINTS = [{ type: "uint256" }, { type: "uint256" }] as const;
const under = (key: number, slot: bigint): bigint => BigInt(keccak256(encodeAbiParameters(UINTS, [BigInt(key), slot])));

/** `bits` of a word from a byte on. */
const bitsAt = (word: bigint, byte: number, bits: number): bigint => (word >> BigInt(8 * byte)) & ((1n << BigInt(bits)) - 1n);
const numberAt = (word: bigint, byte: number, bits: number): number => Number(bitsAt(word, byte, bits));
const addressAt = (word: bigint, byte: number): Address => getAddress(pad(toHex(bitsAt(word, byte, 160)), { size: 20 }));
const hashOf = (word: bigint): Hex => pad(toHex(word), { size: 32 });

/** The two words of a round: its hash, and its packed state. */
export function roundSlots(federation: number, round: number): readonly [bigint, bigint] {
  const at = under(round, under(federation, SLOTS["Rounds._rounds"]));
  return [at, at + 1n];
}

/** A round as `Rounds` holds it. @param hash Of its seal or its report, whichever is last. */
export interface ProvenRound {
  readonly hash: Hex;
  readonly state: RoundState | `State ${number}`;
  readonly attempt: number;
  readonly deadline: number;
  readonly parentRound: number;
  readonly parentAttempt: number;
  readonly consentEpoch: number;
  readonly entries: number;
  readonly accepted: number;
  readonly holds: number;
}

/** Packed as `contracts/libraries/RoundSlot.sol` draws it. */
export function decodeRound(hash: bigint, word: bigint): ProvenRound {
  const state = numberAt(word, 0, 8);
  return {
    hash: hashOf(hash),
    state: ROUND_STATES[state] ?? `State ${state}`,
    attempt: numberAt(word, 1, 8),
    deadline: numberAt(word, 2, 40),
    parentRound: numberAt(word, 7, 32),
    parentAttempt: numberAt(word, 11, 8),
    consentEpoch: numberAt(word, 12, 24),
    entries: numberAt(word, 27, 16),
    accepted: numberAt(word, 29, 16),
    holds: numberAt(word, 31, 8),
  };
}

/** Its head, and the hash of its configuration. */
export function federationSlots(federation: number): readonly [bigint, bigint] {
  const at = under(federation, SLOTS["Rounds._federations"]);
  return [at, at + 1n];
}

export interface ProvenHead {
  readonly last: number;
  readonly tip: number;
  readonly configHash: Hex;
}

export const decodeHead = (word: bigint, config: bigint): ProvenHead => ({
  last: numberAt(word, OFFSETS["Rounds.Federation.last"], 24),
  tip: numberAt(word, OFFSETS["Rounds.Federation.tip"], 24),
  configHash: hashOf(config),
});

/** Word of `Rounds.Federation`, and byte in it, where the end of its last freeze is kept. */
export const FROZEN_UNTIL = { word: 3n, byte: 5 } as const;
export const frozenSlot = (federation: number): bigint => under(federation, SLOTS["Rounds._federations"]) + FROZEN_UNTIL.word;
export const decodeFrozenUntil = (word: bigint): number => numberAt(word, FROZEN_UNTIL.byte, 40);

/** State, `carry` and `pool`, `distributed` and `total`, hash of the statement, root of the rewards. */
export function settlementSlots(federation: number): readonly [bigint, bigint, bigint, bigint, bigint] {
  const at = under(federation, SLOTS["Settlement._accounts"]);
  return [at, at + 1n, at + 2n, at + 3n, at + 4n];
}

/** A federation's account in `Settlement`. @param isProposed A statement waits for its window to end; else none does. */
export interface ProvenSettlement {
  readonly nextIndex: number;
  readonly isProposed: boolean;
  readonly settledThrough: number;
  readonly proposedThrough: number;
  readonly frozen: boolean;
  readonly total: bigint;
  readonly statementHash: Hex;
  readonly rewardsRoot: Hex;
}

const PROPOSED = 1;

export const decodeSettlement = ([state, , amounts, statement, root]: readonly [bigint, bigint, bigint, bigint, bigint]): ProvenSettlement => ({
  // Settlements are numbered from 1; nothing is written before the first.
  nextIndex: Math.max(1, numberAt(state, OFFSETS["ISettlement.Account.nextIndex"], 32)),
  isProposed: numberAt(state, OFFSETS["ISettlement.Account.state"], 8) === PROPOSED,
  settledThrough: numberAt(state, OFFSETS["ISettlement.Account.settledThrough"], 32),
  proposedThrough: numberAt(state, OFFSETS["ISettlement.Account.proposedThrough"], 32),
  frozen: numberAt(state, OFFSETS["ISettlement.Account.frozen"], 8) !== 0,
  total: bitsAt(amounts, 16, 128),
  statementHash: hashOf(statement),
  rewardsRoot: hashOf(root),
});

/** The set of operators. @param signers Where its code lies that lists them. */
export interface ProvenEpoch {
  readonly signers: Address;
  readonly size: number;
  readonly threshold: number;
  readonly number: number;
}

export const decodeEpoch = (word: bigint): ProvenEpoch => ({
  signers: addressAt(word, OFFSETS["IOperators.Epoch.signers"]),
  size: numberAt(word, OFFSETS["IOperators.Epoch.size"], 8),
  threshold: numberAt(word, OFFSETS["IOperators.Epoch.threshold"], 8),
  number: numberAt(word, OFFSETS["IOperators.Epoch.number"], 32),
});

/** Where a federation's vault is written, and what was credited to it. */
export const treasurySlots = (federation: number): readonly [bigint, bigint] => [under(federation, SLOTS["Treasury._accounts"]), under(federation, SLOTS["Treasury.creditedOf"])];
export const decodeVault = (word: bigint): Address => addressAt(word, OFFSETS["Treasury.Account.vault"]);
export const decodeHash = hashOf;
/** What a seat of the vault's federation has claimed, in all. */
export const paidSlot = (index: number): bigint => under(index, SLOTS["RewardsVault._paid"]);

/** How many datasets there are is kept beside the council. */
export const DATASET_COUNT = { slot: 1n, byte: 20 } as const;
export const decodeDatasetCount = (word: bigint): number => numberAt(word, DATASET_COUNT.byte, 32);

/** Status and version, and the card. */
export const datasetSlots = (dataset: number): readonly [bigint, bigint] => [under(dataset, SLOTS["Datasets._datasets"]), under(dataset, SLOTS["Datasets._terms"])];

export interface ProvenDataset {
  readonly status: number;
  readonly version: number;
  readonly card: Hex;
}

export const decodeDataset = (word: bigint, card: bigint): ProvenDataset => ({
  status: numberAt(word, OFFSETS["IDatasets.Dataset.status"], 8), version: numberAt(word, OFFSETS["IDatasets.Dataset.version"], 16), card: hashOf(card),
});
