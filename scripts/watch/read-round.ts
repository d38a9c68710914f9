import type { Hex } from "viem";
import { hexToBytes } from "viem";
import { genesisReport } from "../../protocol/bundle/genesis.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { LedgerRound, SeatRecord } from "../../protocol/faults/find-evidence.ts";
import {
  columnHash,
  COLUMN_WIDTHS,
  configHash,
  packUints,
  reportHash,
  sealHash,
  unpackHex,
  unpackNumbers,
  type FederationConfig,
  type Report,
  type Seal,
} from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { isSupportSeat } from "../../protocol/seats.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { findCall } from "./calldata.ts";
import { readInParts, type BlockRange } from "./logs.ts";

/** A round that has a report, put together from the chain alone. @param reportedIn Block of the report. */
export interface RoundOnChain {
  readonly ledger: LedgerRound;
  readonly report: Report;
  readonly parentRound: number;
  readonly reportedIn: bigint;
}

/** The round changed while it was read, or stands on one that was replaced: there is nothing to check under this hash. */
export class RoundMoved extends Error {
  override readonly name = "RoundMoved";
}

/**
 * Reads all that the chain says of a round that is reported or final. Every part is hashed together until it gives the hash that the ledger holds.
 * @throws RoundMoved; chain-incomplete (retryable) when the endpoint lacks an event or a transaction
 */
export async function readRound(kernel: Kernel, federation: number, round: number): Promise<RoundOnChain> {
  const { rounds, deployment, client } = kernel;
  const range = { fromBlock: deployment.fromBlock, toBlock: await client.getBlockNumber() };
  const state = await rounds.read.roundOf([federation, round]);
  if (!["Reported", "Final"].includes(ROUND_STATES[state.state] ?? "None")) throw new RoundMoved(`Round ${round} is no longer reported.`);
  const [parentState, statements] = await Promise.all([
    rounds.read.roundOf([federation, state.parentRound]),
    readStatements(kernel, federation, round, state.hash, range),
  ]);
  if (parentState.attempt !== state.parentAttempt) throw new RoundMoved(`Round ${round} stands on a report that was replaced.`);
  const { report, sealed } = statements;
  const [{ config, seal, columns }, parent] = await Promise.all([
    readSeal(kernel, federation, round, { sealed, parentReportHash: parentState.hash }, range),
    readParentReport(kernel, federation, state.parentRound, parentState.hash, range),
  ]);
  const seats = unpackNumbers(columns.seats, COLUMN_WIDTHS.seats);
  const weights = await readWeights(kernel, federation, seats, sealed, range);
  const ledger: LedgerRound = {
    chainId: deployment.chainId,
    ledger: rounds.address,
    config,
    seal,
    seats,
    updateRoots: unpackHex(columns.updateRoots, COLUMN_WIDTHS.updateRoots),
    weights,
    report,
    parent,
    registry: await readRegistry(kernel, federation, seats),
    posted: await rounds.read.postedOf([report.sealHash]),
  };
  return { ledger, report, parentRound: state.parentRound, reportedIn: statements.block };
}

/** The report that a round holds. Null when it holds none. @throws chain-incomplete (retryable) */
export async function readReport(kernel: Kernel, federation: number, round: number): Promise<Report | null> {
  const { state, hash } = await kernel.rounds.read.roundOf([federation, round]);
  if (ROUND_STATES[state] !== "Reported") return null;
  const range = { fromBlock: kernel.deployment.fromBlock, toBlock: await kernel.client.getBlockNumber() };
  return (await readStatements(kernel, federation, round, hash, range)).report;
}

type SealedLog = Awaited<ReturnType<typeof sealEvents>>[number];

async function sealEvents({ client, rounds }: Kernel, federation: number, round: number, range: BlockRange) {
  return readInParts(range, (part) => client.getContractEvents({ ...rounds, eventName: "RoundSealed", args: { federation, round }, ...part, strict: true }));
}

/** The report that has the hash, with the seal it is over. */
async function readStatements(kernel: Kernel, federation: number, round: number, hash: Hex, range: BlockRange): Promise<{ report: Report; sealed: SealedLog; block: bigint }> {
  const { client, rounds } = kernel;
  const [reported, sealed] = await Promise.all([
    readInParts(range, (part) => client.getContractEvents({ ...rounds, eventName: "RoundReported", args: { federation, round }, ...part, strict: true })),
    sealEvents(kernel, federation, round, range),
  ]);
  const log = reported.findLast(({ args }) => args.reportHash === hash);
  if (log === undefined) throw incomplete(`report ${hash} of round ${round}`);
  for (const seal of sealed.toReversed()) {
    const report: Report = { federation, round, attempt: log.args.attempt, sealHash: seal.args.sealHash, ...log.args.report };
    if (reportHash(report) === hash) return { report, sealed: seal, block: log.blockNumber };
  }
  throw incomplete(`seal of round ${round}`);
}

async function readParentReport(kernel: Kernel, federation: number, parent: number, hash: Hex, range: BlockRange): Promise<Report> {
  if (parent !== 0) return (await readStatements(kernel, federation, parent, hash, range)).report;
  const { client, rounds } = kernel;
  const [created] = await readInParts(range, (part) => client.getContractEvents({ ...rounds, eventName: "FederationCreated", args: { federation }, ...part, strict: true }));
  if (created === undefined) throw incomplete(`creation of federation ${federation}`);
  return genesisReport(federation, created.args.modelRoot, created.args.artefact);
}

interface SealColumns {
  readonly seats: Uint8Array;
  readonly updateRoots: Uint8Array;
}

async function readSeal(
  kernel: Kernel,
  federation: number,
  round: number,
  { sealed, parentReportHash }: { readonly sealed: SealedLog; readonly parentReportHash: Hex },
  range: BlockRange,
): Promise<{ config: FederationConfig; seal: Seal; columns: SealColumns }> {
  const config = await readConfig(kernel, federation, sealed, range);
  const pinned = configHash(config);
  const found = await findCall(kernel.client, sealed.transactionHash, { abi: kernel.rounds.abi, functionName: "seal" }, ([, input]) => {
    const { seats, updateRoots, normsHash, normTracesHash, signaturesHash } = input as Record<string, Hex>;
    if (seats === undefined || updateRoots === undefined || normsHash === undefined || normTracesHash === undefined || signaturesHash === undefined) return null;
    const columns = { seats: hexToBytes(seats), updateRoots: hexToBytes(updateRoots) };
    const seal: Seal = {
      federation, round, attempt: sealed.args.attempt, parentReportHash, configHash: pinned,
      seatsHash: columnHash(columns.seats), updateRootsHash: columnHash(columns.updateRoots), normsHash, normTracesHash, signaturesHash,
    };
    return sealHash(seal, sealed.args.weightsHash) === sealed.args.sealHash ? { seal, columns } : null;
  });
  if (found === null) throw incomplete(`calldata of the seal of round ${round} (transaction ${sealed.transactionHash})`);
  return { config, ...found };
}

/** The configuration in force at the seal. */
async function readConfig({ client, rounds }: Kernel, federation: number, sealed: SealedLog, range: BlockRange): Promise<FederationConfig> {
  const events = { ...rounds, args: { federation }, strict: true } as const;
  const [created, changed] = await Promise.all([
    readInParts(range, (part) => client.getContractEvents({ ...events, eventName: "FederationCreated", ...part })),
    readInParts(range, (part) => client.getContractEvents({ ...events, eventName: "FederationReconfigured", ...part })),
  ]);
  const log = changed.findLast((entry) => isBefore(entry, sealed)) ?? created[0];
  if (log === undefined) throw incomplete(`creation of federation ${federation}`);
  return log.args.config;
}

interface Position {
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

function isBefore(a: Position, b: Position): boolean {
  return a.blockNumber < b.blockNumber || (a.blockNumber === b.blockNumber && a.logIndex < b.logIndex);
}

/** What the ledger gave each entry. From events and not from old state, which an endpoint may have forgotten; the seal's hash says whether they are right. */
async function readWeights({ client, seats: contract }: Kernel, federation: number, seats: readonly number[], sealed: SealedLog, range: BlockRange): Promise<number[]> {
  const events = { ...contract, args: { federation }, strict: true } as const;
  const until = { fromBlock: range.fromBlock, toBlock: sealed.blockNumber };
  const here = { fromBlock: sealed.blockNumber, toBlock: sealed.blockNumber };
  const [granted, renewed, dropped] = await Promise.all([
    readInParts(until, (part) => client.getContractEvents({ ...events, eventName: "SeatGranted", ...part })),
    readInParts(until, (part) => client.getContractEvents({ ...events, eventName: "SeatRenewed", ...part })),
    client.getContractEvents({ ...events, eventName: "EntryDropped", ...here }),
  ]);
  const given = [...granted, ...renewed].filter((log) => isBefore(log, sealed)).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  const bySeat = new Map(given.map(({ args }) => [args.seat, args.weight]));
  const out = new Set(dropped.filter(({ transactionHash }) => transactionHash === sealed.transactionHash).map(({ args }) => args.seat));
  const weights = seats.map((seat) => (out.has(seat) ? 0 : (bySeat.get(seat) ?? 0)));
  if (columnHash(packUints(weights, COLUMN_WIDTHS.weights)) !== sealed.args.weightsHash) throw incomplete(`weights of round ${sealed.args.round}`);
  return weights;
}

async function readRegistry({ seats: contract, datasets }: Kernel, federation: number, seats: readonly number[]): Promise<Map<number, SeatRecord>> {
  const count = await contract.read.seatCount([federation]);
  const records = await Promise.all(
    seats.filter((seat) => seat < count).map(async (seat) => {
      const { contributor, dataset } = await contract.read.seatOf([federation, seat]);
      const exempt = !isSupportSeat({ dataset }) && (await datasets.read.termsOf([dataset])).exempt;
      return [seat, { contributor, exempt }] as const;
    }),
  );
  return new Map(records);
}

export function incomplete(what: string): ChongwenError {
  return new ChongwenError({
    code: "chain-incomplete",
    message: `The endpoint has no ${what}.`,
    fix: "Use an endpoint with full history (--rpc).",
    retryable: true,
  });
}
