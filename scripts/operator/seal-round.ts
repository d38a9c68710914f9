import { parseEventLogs, zeroAddress, type LocalAccount, type TransactionReceipt } from "viem";
import { protocolError } from "../../protocol/errors.ts";
import {
  columnHash,
  COLUMN_WIDTHS,
  contributionOf,
  createDomain,
  createSeal,
  digestOf,
  packSealColumns,
  packUints,
  recoverSigner,
  type Entry,
} from "../../protocol/index.ts";
import { toHex } from "../../protocol/bytes.ts";
import { isSupportSeat } from "../../protocol/seats.ts";
import { waitUntil } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { Prover } from "../chain/proofs/prover.ts";
import type { Transactor } from "../chain/transactor.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { readForcedSigners } from "../../protocol/ledger/forced-entries.ts";
import type { OpenRound } from "../ledger/open-round.ts";
import { readConfig } from "../ledger/read-config.ts";
import { sendOnce } from "./already-done.ts";
import { collectQuorum, type Operator, type QuorumLimits } from "./quorum.ts";

/** Through what, and for whom, operators act. @param relayer Pays the gas; anyone. */
export interface OperatorContext {
  readonly kernel: Kernel;
  readonly transactor: Transactor;
  readonly operators: readonly Operator[];
  readonly relayer: LocalAccount;
  /** Proves rounds before anything is signed on them; null or left out: the endpoint is believed. */
  readonly prover?: Prover | null;
  /** How long operators elsewhere are waited for. */
  readonly limits?: QuorumLimits;
}

/** An entry with the weight that the ledger gave it; 0 = dropped. */
export type WeighedEntry = Entry & { readonly weight: number };

/**
 * Seals the open round: every operator checks every entry, the quorum signs the columns, the ledger decides who is eligible.
 * @param entries In any order; at most one a seat. @throws AlreadyDone when another seal was first
 */
export async function sealRound(context: OperatorContext, open: OpenRound, entries: readonly Entry[]): Promise<WeighedEntry[]> {
  const { kernel, transactor, operators, relayer } = context;
  const { rounds } = kernel;
  const { federation, round } = open.context;
  const ascending = [...entries].sort((a, b) => a.seat - b.seat);
  const columns = packSealColumns(ascending);
  const seal = createSeal(open.context, open.attempt, columns);
  const domain = createDomain(kernel.deployment.chainId, rounds.address);
  const input = {
    seats: toHex(columns.seats),
    updateRoots: toHex(columns.updateRoots),
    rootOrder: toHex(columns.rootOrder),
    normsHash: seal.normsHash,
    normTracesHash: seal.normTracesHash,
    signaturesHash: seal.signaturesHash,
  };
  const receipt = await sendOnce(
    async () => {
      const quorum = await collectQuorum(kernel, operators, { domain, name: "Seal", value: seal, entries: ascending }, () => checkEntries(kernel, open, ascending), context.limits);
      await waitUntil(kernel.client, open.forceUntil);
      return transactor.send(relayer, { kind: "seal", ...rounds, functionName: "seal", args: [federation, input, quorum] });
    },
    async () => {
      const now = await rounds.read.roundOf([federation, round]);
      const state = ROUND_STATES[now.state] ?? "None";
      return (now.attempt === open.attempt && (state === "None" || state === "Open")) ? null : `round ${round} is ${state}`;
    },
  );
  return weighEntries(kernel, federation, round, ascending, receipt);
}

/** The weights that a seal's transaction gave its entries. @param ascending Exactly what was sealed. @throws weights-invalid */
export async function weighEntries(
  { rounds, seats }: Kernel,
  federation: number,
  round: number,
  ascending: readonly Entry[],
  { logs, blockNumber }: Pick<TransactionReceipt, "logs" | "blockNumber">,
): Promise<WeighedEntry[]> {
  const dropped = new Set(parseEventLogs({ abi: seats.abi, logs, eventName: "EntryDropped" }).map(({ args }) => args.seat));
  const lanes = await Promise.all(ascending.map(({ seat }) => (dropped.has(seat) ? { weight: 0 } : seats.read.laneOf([federation, seat], { blockNumber }))));
  const weighed = ascending.map((entry, i) => ({ ...entry, weight: lanes[i]?.weight ?? 0 }));
  requireWeights(weighed, parseEventLogs({ abi: rounds.abi, logs, eventName: "RoundSealed" })[0]?.args.weightsHash, round);
  return weighed;
}

/**
 * What an operator answers for when it signs a seal, because it can be disproven: every entry is signed by the key of its seat, or was forced in with the
 * signature that counted then; agrees to what the round charges it; and declares a norm within the bound.
 * @throws signature-invalid, out-of-range
 */
export async function checkEntries(kernel: Kernel, open: OpenRound, entries: readonly Entry[]): Promise<void> {
  const { federation, round, parentReportHash, configHash } = open.context;
  const domain = createDomain(kernel.deployment.chainId, kernel.rounds.address);
  const [{ timestamp }, forced, config] = await Promise.all([
    kernel.client.getBlock({ blockTag: "latest" }),
    readForcedSigners(kernel, federation, round, parentReportHash),
    readConfig(kernel, federation, configHash),
  ]);
  for (const entry of entries) {
    const { contributor, dataset } = await kernel.seats.read.seatOf([federation, entry.seat]);
    const key = forced.get(entry.seat) ?? (await kernel.contributors.read.keyAt([contributor, timestamp]));
    const signer = await recoverSigner(digestOf(domain, "Contribution", contributionOf(entry, open.context)), entry.signature);
    if (signer !== key || key === zeroAddress) {
      throw protocolError("signature-invalid", `The contribution of seat ${entry.seat} is signed by ${signer}, not by its key ${key}.`);
    }
    // The ledger drops a support seat's entry, but it must be signed like any other.
    const rho = !isSupportSeat({ dataset }) && (await kernel.datasets.read.termsOf([dataset])).exempt ? 0 : config.rhoPerRound;
    if (entry.rho !== rho) throw protocolError("out-of-range", `The contribution of seat ${entry.seat} agrees to ${entry.rho} nano-ρ; the round charges ${rho}.`);
    if (config.normSqBound !== 0n && entry.normSq > config.normSqBound) {
      throw protocolError("out-of-range", `The norm of seat ${entry.seat}, ${entry.normSq}, is above the bound ${config.normSqBound}.`);
    }
  }
}

function requireWeights(entries: readonly WeighedEntry[], expected: string | undefined, round: number): void {
  const actual = columnHash(packUints(entries.map(({ weight }) => weight), COLUMN_WIDTHS.weights));
  if (actual !== expected) throw protocolError("weights-invalid", `The weights read for round ${round} hash to ${actual}; the ledger sealed ${expected}.`);
}
