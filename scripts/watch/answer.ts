import { encodeAnswer } from "../../protocol/faults/demand.ts";
import { ifHashed, ifRooted } from "../../protocol/faults/find-evidence.ts";
import { traceOf } from "../../protocol/faults/find-norm-fault.ts";
import { toHex } from "../../protocol/bytes.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { ROUND_FILES, updatePath, type HashPairs } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { OpenDemand } from "./demands.ts";
import { createFetcher, type StoreOf } from "./fetch.ts";
import type { Observer } from "./observer.ts";
import type { RoundOnChain } from "./read-round.ts";
import type { Sender } from "./sender.ts";
import type { Now } from "./time.ts";

export interface AnswerContext {
  readonly kernel: Kernel;
  readonly sender: Sender;
  readonly storeOf: StoreOf;
  readonly hashPairs: HashPairs;
  readonly observer: Observer;
  /** Answer also when the gas costs more than the bond brings: for who would be slashed. */
  readonly evenAtALoss: boolean;
}

/** What became of a demand that is not ours. unknown: we do not have the data · dear: the bond does not pay the gas. */
export type AnswerOutcome = "answered" | "unknown" | "dear" | "closed" | "late";

/** Answers a demand when the data is at hand. The bond goes to who answers first: being second is no failure. */
export async function answerDemand(context: AnswerContext, round: RoundOnChain, demand: OpenDemand, now: Now): Promise<AnswerOutcome> {
  const { kernel, sender, hashPairs, observer, evenAtALoss } = context;
  const { key, kind, bond, deadline } = demand;
  if (now.timestamp + now.blockSeconds >= deadline) return "late";
  const file = await readDemanded(context, round, demand);
  if (file === null) return "unknown";
  const data = toHex(encodeAnswer(file, key.depth, key, hashPairs));
  const { federation, round: number, attempt, depth, first, count } = key;
  const call = { kind: "answer", ...kernel.demands, functionName: "answer", args: [federation, number, attempt, depth, first, count, data] };
  try {
    const { cost } = await sender.quote(call);
    if (cost > bond && !evenAtALoss) return "dear";
    const sent = await sender.send(call);
    observer.acted({ action: "answered", subject: `round ${number}`, transaction: sent.hash, block: sent.block, gas: sent.gas, note: `${kind}; bond of ${bond} wei` });
    return "answered";
  } catch (error) {
    if (error instanceof ChongwenError && error.code === "call-refused") return "closed";
    throw error;
  }
}

/** The file that a demand is about, when the store has it as committed. */
async function readDemanded({ storeOf, hashPairs }: AnswerContext, { ledger, report }: RoundOnChain, { key, kind, entry }: OpenDemand): Promise<Uint8Array | null> {
  const fetcher = createFetcher(storeOf);
  const seat = ledger.seats[entry] ?? -1;
  const bytes = 32 * 2 ** key.depth;
  const read = (path: string, limit: number): Promise<Uint8Array | null> => fetcher.read(report.artefact, path, limit);
  const rooted = (file: Uint8Array | null): Uint8Array | null => ifRooted(file, key.depth, key.commitment, hashPairs);
  switch (kind) {
    case "model":
      return rooted(await read(ROUND_FILES.model, bytes));
    case "update":
      return rooted(await read(updatePath(seat), bytes));
    case "trace": {
      const update = await read(updatePath(seat), 4 * bytes);
      return update === null ? null : rooted(traceOf(update, ledger.config.depth));
    }
    default:
      return ifHashed(await read(ROUND_FILES[kind], COLUMN_BYTES * ledger.seats.length), key.commitment);
  }
}

/** Of the widest column, an entry. */
const COLUMN_BYTES = 64;

