import { formatEther, type Hex } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import { COLUMN, columnChunks, demandDeposit, demandId, type DemandKind } from "../../protocol/faults/demand.ts";
import type { ChunkRange, MissingFile } from "../../protocol/faults/find-evidence.ts";
import type { Kernel } from "../chain/kernel.ts";
import { demandArgs, isCovered, onlyOpen, type Answered, type DemandRecord, type OpenDemand } from "./demands.ts";
import type { Journal } from "./journal.ts";
import type { Observer } from "./observer.ts";
import type { RoundOnChain } from "./read-round.ts";
import type { Sender } from "./sender.ts";
import { nameOf, type Subject } from "./subject.ts";
import type { Now } from "./time.ts";

/** How much a watcher binds to make others show data. @param mostBond Wei that may wait at once for one round. */
export interface AskLimits {
  readonly mostDemands: number;
  readonly mostBond: bigint;
}

export interface AskContext {
  readonly kernel: Kernel;
  readonly sender: Sender;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly limits: AskLimits;
}

/** What was asked and shown so far. @param normTraces Column of trace roots, when it is at hand. */
export interface Asked {
  readonly records: readonly DemandRecord[];
  readonly answered: Answered;
  readonly normTraces: Uint8Array | null;
}

interface Wanted {
  readonly id: Hex;
  readonly file: string;
  readonly kind: DemandKind;
  readonly entry: number;
  readonly run: ChunkRange;
  readonly bond: bigint;
}

/** Chain time by which a demand must be in a block. */
export function latestDemand({ deadline }: Subject, answerWindow: number, { blockSeconds }: Now): number {
  return deadline - answerWindow - 2 * blockSeconds;
}

/**
 * Demands what is missing, up to the limits. What was asked before, by whomever, and what was shown already is not asked again.
 * @returns How many demands for the round are open now.
 */
export async function demandMissing(
  context: AskContext,
  subject: Subject,
  round: RoundOnChain,
  items: readonly MissingFile[],
  { records, answered, normTraces }: Asked,
): Promise<number> {
  const { kernel, sender, journal, observer, limits } = context;
  const open = await onlyOpen(kernel, records);
  const ours = open.filter(({ demander }) => demander === sender.account.address);
  let bound = ours.reduce((sum, { deposit }) => sum + deposit, 0n);
  let made = records.filter(({ demander, key }) => demander === sender.account.address && key.attempt === subject.attempt).length;
  let waiting = open.length;
  const name = nameOf(subject);
  for (const wanted of await wantedOf(kernel, round, items, open, answered)) {
    const deposit = await depositOf(kernel, subject, wanted.bond);
    if (made >= limits.mostDemands || bound + deposit > limits.mostBond) {
      observer.warned(name, `${wanted.file} is not demanded: the limit of ${limits.mostDemands} demands and ${formatEther(limits.mostBond)} of deposits is reached`);
      break;
    }
    const args = demandArgs(round, wanted, wanted.run, normTraces ?? new Uint8Array());
    try {
      const sent = await sender.send({ kind: "demand", ...kernel.demands, functionName: "demand", args, value: deposit });
      await journal.write({ event: "demanded", subject: subject.key, id: wanted.id });
      const chunks = wanted.run.count === 0 ? "" : `, chunks ${wanted.run.first} to ${wanted.run.first + wanted.run.count - 1}`;
      observer.acted({ action: "demanded", subject: name, transaction: sent.hash, block: sent.block, gas: sent.gas, note: `${wanted.file}${chunks}; deposit of ${deposit} wei` });
      made += 1;
      waiting += 1;
      bound += deposit;
    } catch (error) {
      if (!(error instanceof ChongwenError) || error.code !== "call-refused") throw error;
      // Somebody else asked, or too many are open: the next pass looks again.
      observer.warned(name, error.message);
      break;
    }
  }
  return waiting;
}

/** What a demand leaves now. Where deposits double already, once more than needed: it comes back, and a demand that comes in between does no harm. */
async function depositOf({ rounds, demands }: Kernel, { federation, target }: Subject, bond: bigint): Promise<bigint> {
  const [{ holds }, plain] = await Promise.all([rounds.read.roundOf([federation, target]), demands.read.plainOpen()]);
  return demandDeposit(bond, holds < plain ? holds : holds + 1, plain);
}

/** Runs to ask for. The first of a long file is drawn by lot, so that nobody can keep just the part that is always asked for. */
async function wantedOf(kernel: Kernel, { report, ledger }: RoundOnChain, items: readonly MissingFile[], open: readonly OpenDemand[], { runs }: Answered): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  const asked = new Set(open.map(({ id }) => id));
  for (const { file, demand, commitment, depth, ranges } of items) {
    if (demand === null) continue;
    const { kind, entry } = demand;
    const all = ranges.length === 0 ? [COLUMN] : rotated(ranges.filter((run) => !isCovered(run, runs.get(commitment) ?? [])));
    for (const run of all) {
      const { federation, round, attempt } = report;
      const id = demandId({ federation, round, attempt, commitment, depth, first: run.first, count: run.count });
      if (asked.has(id)) continue;
      const chunks = kind === "model" || kind === "update" || kind === "trace" ? run.count : columnChunks(kind, ledger.seats.length);
      wanted.push({ id, file, kind, entry, run, bond: await kernel.demands.read.bondOf([BigInt(chunks)]) });
    }
  }
  return wanted;
}

function rotated<Item>(items: readonly Item[]): Item[] {
  const start = Math.floor(Math.random() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
