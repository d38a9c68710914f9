import type { Hex } from "viem";
import { readModel } from "../../protocol/audit/context.ts";
import { createCheckList, firstFailure, type CheckList } from "../../protocol/bundle/checks.ts";
import { checkFileSet, MANIFEST } from "../../protocol/bundle/files.ts";
import type { BundleReader } from "../../protocol/bundle/reader.ts";
import { readPayloads } from "../../protocol/bundle/round-payloads.ts";
import { readSettlementManifest, SETTLEMENT_FILES, type SettlementManifest } from "../../protocol/bundle/settlement-manifest.ts";
import { checkQuality, checkWorking, qualityPaths, type QualityExpectations } from "../../protocol/bundle/settlement-quality.ts";
import { ChongwenError, protocolError } from "../../protocol/errors.ts";
import { effectiveWeights, type HashPairs, type Report, type ScoredRound, type Scores, type SettlementStatement } from "../../protocol/index.ts";
import type { LedgerClient } from "../../protocol/ledger/chain.ts";
import { qualityExpectations } from "../../protocol/ledger/quality-expectations.ts";
import { readQuality } from "../../protocol/ledger/read-quality.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { QUALITY_V1 } from "../../protocol/rewards/scoring.ts";
import { HOLDOUT_LIMIT } from "../../protocol/scoring/holdout-files.ts";
import { readWindow, type VerifiedRound, type WindowSource } from "../../protocol/scoring/score-window.ts";
import { settleQuality } from "../../protocol/scoring/settle.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { ArtefactReader } from "../store/index.ts";
import { problemOf, type FetchProblem, type StoreOf } from "./fetch.ts";
import { readInParts } from "./logs.ts";
import { incomplete, readRound, type RoundOnChain } from "./read-round.ts";

/**
 * What the scores of a settlement should be, as far as that can be said.
 * @param scores Null when they could not be recomputed. @param wrong What does not hold of the evidence that they rest on. @param problem Why something could not be looked at.
 */
export interface DueScores {
  readonly scores: Scores | null;
  readonly wrong: { readonly reason: string; readonly where: string } | null;
  readonly problem: FetchProblem | null;
}

export interface QualityContext {
  readonly kernel: Kernel;
  readonly storeOf: StoreOf;
  readonly hashPairs: HashPairs;
  readonly escrow: EscrowReader | null;
}

/** @param rounds Final ones that it covers, ascending; at least one. @param previousArtefact Of the settlement before; null for the first. */
export interface QualitySubject {
  readonly statement: SettlementStatement;
  readonly rounds: readonly RoundOnChain[];
  readonly previousArtefact: Hex | null;
}

/** Recomputes the scores of one settlement under `quality-v1`, with what an audit would use. @throws ChongwenError when it does not come to the bundle */
export async function recomputeQuality(context: QualityContext, { statement, rounds, previousArtefact }: QualitySubject): Promise<DueScores> {
  const { kernel, storeOf } = context;
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (first === undefined || last === undefined) throw incomplete(`final round of settlement ${statement.index}`);
  const { config } = last.ledger;
  const open = boundedBy(storeOf, Math.max(HOLDOUT_LIMIT + 1, 256 * 2 ** config.depth));
  const scored = rounds.map(scoredOf);
  const expected = await qualityExpectations({
    facts: await readQuality({ client: inParts(kernel.client), deployment: kernel.deployment }, statement),
    previous: previousArtefact === null ? null : { artefact: previousArtefact },
    termsHash: config.termsHash,
    window: async () => readWindow(scored, await sourceOf(context, rounds, first, open)),
    open,
  });
  const reader = await open(statement.artefact);
  const { chainId, contracts } = kernel.deployment;
  const onChain = { chainId, settlement: contracts.settlement, federation: statement.federation, statement };
  return judgeQuality({ reader, onChain, expected, scored });
}

/** @param onChain What takes the place of what the bundle says of itself. */
interface QualityJudgement {
  readonly reader: BundleReader;
  readonly onChain: Pick<SettlementManifest, "chainId" | "settlement" | "federation" | "statement">;
  readonly expected: QualityExpectations;
  readonly scored: readonly ScoredRound[];
}

/** The scores that follow from a bundle's evidence where it holds. What cannot be read after the scores are known does not keep them back. */
export async function judgeQuality({ reader, onChain, expected, scored }: QualityJudgement): Promise<DueScores> {
  const list = createCheckList();
  let scores: Scores | null = null;
  try {
    const stated = await readSettlementManifest(reader);
    list.same("scoring rule", MANIFEST, QUALITY_V1, stated.scoringId);
    const manifest: SettlementManifest = { ...stated, ...onChain };
    const files = await checkFileSet(list, reader, manifest.files, new Set([...Object.values(SETTLEMENT_FILES), ...qualityPaths(manifest)]));
    const context = { list, reader, files, manifest, expected };
    const input = await checkQuality(context);
    if (input !== null) {
      const due = settleQuality({ ...input, rounds: scored });
      ({ scores } = due);
      await checkWorking(context, due);
    }
    return { scores, wrong: wrongIn(list), problem: null };
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return { scores, wrong: wrongIn(list), problem: problemOf("scores", error) };
  }
}

function wrongIn({ checks }: CheckList): DueScores["wrong"] {
  const failure = firstFailure(checks);
  return failure === null ? null : { reason: `${failure.subject}: ${failure.name} is ${failure.actual}, expected ${failure.expected}`, where: failure.subject };
}

/** From the seal and the report alone: of a final round nothing else counts. */
export function scoredOf({ report, parentRound, ledger: { seats, weights, updateRoots } }: RoundOnChain): VerifiedRound {
  return { round: report.round, parentRound, seats, weights: effectiveWeights(weights, report.excluded), roots: updateRoots };
}

type Open = (artefact: Hex) => Promise<BundleReader>;

/** Models and updates from the bundles, each compared with what the chain says of it; commitments from the chain. */
async function sourceOf({ kernel, hashPairs, escrow }: QualityContext, rounds: readonly RoundOnChain[], first: RoundOnChain, open: Open): Promise<WindowSource> {
  const before = first.parentRound === 0 ? null : await readRound(kernel, first.report.federation, first.parentRound);
  const reports = new Map<number, Report>([...(before === null ? [] : [before]), ...rounds].flatMap(({ report, parentRound, ledger }) => [[report.round, report], [parentRound, ledger.parent]] as const));
  const reported = (round: number): Report => reports.get(round) ?? fail(`report of round ${round}`);
  return {
    modelOf: async (round) => (await readModel({ store: { open }, hashPairs }, reported(round))) ?? unreadable(`model of round ${round}`),
    updatesOf: async (round) => readPayloads(await open(reported(round.round).artefact), round, hashPairs, escrow),
    rootsOf: async () => before?.ledger.updateRoots ?? [],
    parentOf: () => before?.parentRound ?? 0,
  };
}

function fail(what: string): never {
  throw incomplete(what);
}

function unreadable(what: string): never {
  throw protocolError("bundle-unreadable", `The ${what} could not be read.`);
}

/** Artefacts that anybody may have written: no file is read beyond what is asked for, nor beyond `most`. */
function boundedBy(storeOf: StoreOf, most: number): Open {
  return async (artefact) => {
    const readers = new Map<number, Promise<ArtefactReader>>();
    const within = (bytes: number): Promise<ArtefactReader> => {
      const limit = Math.min(bytes, most);
      const reader = readers.get(limit) ?? storeOf(limit).open(artefact);
      readers.set(limit, reader);
      return reader;
    };
    return { read: async (path, maxBytes) => (await within(maxBytes)).read(path), list: async () => (await within(most)).list() };
  };
}

/** A client whose questions after events are asked in parts where the endpoint finds a range too long. */
function inParts(client: Kernel["client"]): LedgerClient {
  const getContractEvents = async (parameters: { readonly fromBlock?: bigint; readonly toBlock?: bigint }): Promise<unknown> => {
    const range = { fromBlock: parameters.fromBlock ?? 0n, toBlock: parameters.toBlock ?? (await client.getBlockNumber()) };
    return readInParts(range, (part) => client.getContractEvents({ ...parameters, ...part } as never));
  };
  return { readContract: client.readContract, getBlock: client.getBlock, getContractEvents: getContractEvents as LedgerClient["getContractEvents"] };
}
