import type { Address } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import type { FaultSearch, KeyBook } from "../../protocol/faults/find-evidence.ts";
import { findRoundFault } from "../../protocol/faults/find-round-fault.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import type { HashPairs } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { findDueScores, searchSettlement } from "./due-scores.ts";
import { createFetcher, type FetchProblem, type StoreOf } from "./fetch.ts";
import type { ModelCache } from "./models.ts";
import { readRound, type RoundOnChain } from "./read-round.ts";
import { readSettlement, readTables } from "./read-settlement.ts";
import { readPosted, readRoundFiles, type KnownFiles } from "./round-files.ts";
import type { Subject } from "./subject.ts";

export interface CheckContext {
  readonly kernel: Kernel;
  readonly storeOf: StoreOf;
  readonly hashPairs: HashPairs;
  readonly models: ModelCache;
  /** Opens payloads of federations in privacy mode B; null without a key. */
  readonly escrow: EscrowReader | null;
}

/** What a check came to, with what it took. Times in milliseconds. @param round Null for a settlement. */
export interface Checked {
  readonly search: FaultSearch;
  readonly round: RoundOnChain | null;
  /** Column of trace roots, as read. */
  readonly normTraces: Uint8Array | null;
  readonly problems: readonly FetchProblem[];
  readonly fetched: number;
  readonly computed: number;
}

/**
 * Recomputes a subject from the chain's statements and from whatever files can be had.
 * @param answers Files that were shown on chain.
 * @throws RoundMoved; chain-incomplete; failures of the endpoint
 */
export async function checkSubject(context: CheckContext, subject: Subject, answers: (round: RoundOnChain) => Promise<KnownFiles>): Promise<Checked> {
  return subject.kind === "round" ? checkRound(context, subject, answers) : checkSettlement(context, subject);
}

async function checkRound(context: CheckContext, { federation, target }: Subject, answers: (round: RoundOnChain) => Promise<KnownFiles>): Promise<Checked> {
  const { kernel, storeOf, hashPairs, models, escrow } = context;
  const round = await readRound(kernel, federation, target);
  const known = new Map([...models.entries(), ...(await readPosted(kernel, round)), ...(await answers(round))]);
  const fetcher = createFetcher(storeOf);
  const files = await readRoundFiles(round, known, fetcher, escrow);
  const keys = await keyBook(kernel, federation, round.parentRound);
  const started = performance.now();
  const { search, model } = await guarded(() => findRoundFault(round.ledger, files, keys, hashPairs));
  if (model !== null) models.keep(round.report.modelRoot, model);
  const computed = performance.now() - started;
  return { search, round, normTraces: files.normTraces, problems: fetcher.problems, fetched: fetcher.milliseconds, computed };
}

async function checkSettlement(context: CheckContext, { federation }: Subject): Promise<Checked> {
  const { kernel, storeOf } = context;
  const settlement = await readSettlement(kernel, federation);
  const fetcher = createFetcher(storeOf);
  const tables = await readTables(kernel, federation, settlement, fetcher);
  const started = performance.now();
  const { search, due } = await searchSettlement(settlement, tables, () => guarded(() => findDueScores(context, settlement)));
  const unread = due === null || due.problem === null ? [] : [due.problem];
  return { search, round: null, normTraces: null, problems: [...fetcher.problems, ...unread], fetched: fetcher.milliseconds, computed: performance.now() - started };
}

/** A rule or a format of newer software is something that was not verified, not the end of the watch. */
async function guarded<Result>(search: () => Promise<Result>): Promise<Result> {
  try {
    return await search();
  } catch (error) {
    if (error instanceof ChongwenError) throw error;
    throw new ChongwenError({
      code: "check-failed",
      message: `The recomputation failed: ${error instanceof Error ? error.message : String(error)}`,
      fix: "Please report it with the round's artefact. Until then check this round with `npx chongwen audit`.",
      cause: error,
    });
  }
}

async function keyBook({ rounds, contributors }: Kernel, federation: number, parentRound: number): Promise<KeyBook> {
  const [{ deadline }, rotationDelay] = await Promise.all([rounds.read.roundOf([federation, parentRound]), contributors.read.rotationDelay()]);
  return {
    parentDeadline: deadline,
    rotationDelay: Number(rotationDelay),
    async keyRecord(key: Address) {
      const [contributor, used, retiredAt] = await contributors.read.keyRecordOf([key]);
      return { contributor, used, retiredAt };
    },
  };
}

