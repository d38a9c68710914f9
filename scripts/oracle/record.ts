/** Takes one bundle a step further: checked, sealed, reported. What the chain says decides where it is, so the same step after a crash goes on instead of doing anything twice. */
import type { Address, Hex } from "viem";
import type { Json } from "../../protocol/bundle/canonical-json.ts";
import { configHash, createSeal, packSealColumns, readRoundManifest, reportHash, sealHash, type Entry } from "../../protocol/index.ts";
import type { ChongwenError } from "../../protocol/errors.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { chainTime, waitUntil } from "../chain/clock.ts";
import { readOpenRound } from "../ledger/open-round.ts";
import { AlreadyDone, sendOnce } from "../operator/already-done.ts";
import { isHere } from "../operator/quorum.ts";
import { reportRound, type EvaluatedModel } from "../operator/report-round.ts";
import type { Recomputation } from "../operator/recomputation.ts";
import { sealRound, weighEntries, type OperatorContext, type WeighedEntry } from "../operator/seal-round.ts";
import { Refused } from "../service/refusal.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { only } from "../store/lazy-map.ts";
import { chooseEntries, type Chosen } from "./entries.ts";
import type { Folder } from "./folder.ts";
import { createFreezeWatch } from "./frozen.ts";
import { isKeyMissing, isVerdict, judge, sameModel, type Handed } from "./handed.ts";
import type { Inbox } from "./inbox.ts";
import type { Held, OracleJournal, SealedSet } from "./journal.ts";
import type { FederationLedger, StandingReport } from "./ledger.ts";
import { readSealedSet } from "./sealed-set.ts";
import type { OracleObserver } from "./observer.ts";
import type { Library } from "./peers/library.ts";
import { problemOf } from "./problem.ts";
import type { Turns } from "./turns.ts";

export interface RecorderParameters {
  readonly context: OperatorContext;
  readonly store: Library;
  readonly ledger: FederationLedger;
  readonly inbox: Inbox;
  readonly journal: OracleJournal;
  /** Opens envelopes for an operator; null without a key. */
  readonly readerOf: (operator: Address) => EscrowReader | null;
  readonly recomputation: Recomputation;
  readonly observer: OracleObserver;
  readonly warn: (message: string) => void;
  readonly turns: Turns;
  /** Ends waiting for the chain's clock. */
  readonly signal: AbortSignal;
}

/** @returns Whether anything moved. @throws Refused when the bundle can never be recorded; anything else may succeed later */
export type Recorder = (held: Held) => Promise<boolean>;

export function createRecorder({ context, store, ledger, inbox, journal, readerOf, recomputation, observer, warn, turns, signal }: RecorderParameters): Recorder {
  const { kernel, operators } = context;
  const { rounds } = kernel;
  const escrow = (): EscrowReader | null => operators.filter(isHere).map(({ account }) => readerOf(account.address)).find((reader) => reader !== null) ?? null;

  async function readParent({ parent, federation, round, bundle }: Held, parentRound: number): Promise<StandingReport | null> {
    const report = await ledger.report(parentRound);
    if (report === null || report.reportHash === parent) return report;
    throw new Refused("parent-replaced", `Round ${round} of federation ${federation} in ${bundle} extends ${parent}; round ${parentRound} reported ${report.reportHash}.`);
  }

  /** The last seal of a round, and the weights that its transaction gave. Null when it is not of this bundle's entries. */
  async function sealOf(held: Held): Promise<{ readonly set: SealedSet; readonly weighed: WeighedEntry[] } | null> {
    const { federation, round } = held;
    const seals = await kernel.client.getContractEvents({ ...rounds, eventName: "RoundSealed", args: { federation, round }, fromBlock: kernel.deployment.fromBlock, strict: true });
    const seal = seals.at(-1);
    if (seal === undefined) return null;
    const own = journal.setsOf(federation, round).filter(({ bundle }) => bundle === held.bundle);
    const known = own.find(({ context: pinned, attempt, entries }) => sealHash(createSeal(pinned, attempt, packSealColumns(entries)), seal.args.weightsHash) === seal.args.sealHash);
    const set = known ?? ((await inbox.holds(held.bundle)) ? await readSealedSet(kernel, seal, held, inbox.held(held.bundle)) : null);
    if (set === null) return null;
    // Another operator sealed it: from here on it is as if this one had.
    if (known === undefined) journal.addSet(set);
    const receipt = await kernel.client.getTransactionReceipt({ hash: seal.transactionHash });
    return { set, weighed: await weighEntries(kernel, federation, round, set.entries, receipt) };
  }

  /** The round is open: checks the bundle, waits for what may still be forced in, and seals. */
  async function seal(held: Held): Promise<boolean> {
    const open = await readOpenRound(kernel, held.federation);
    if (open === null) return false;
    if (open.context.round !== held.round) return awaitParent(held);
    const parent = await readParent(held, open.parentRound);
    if (parent === null) return false;
    if (!(await inbox.holds(held.bundle))) throw new Refused("round-not-kept", `The files of ${held.bundle} are not here any more.`);
    const config = await ledger.config(open.context.configHash);
    if (configHash((await readRoundManifest(inbox.held(held.bundle))).config) !== open.context.configHash) {
      throw new Refused("configuration-replaced", `Round ${held.round} of federation ${held.federation} is open under the configuration ${open.context.configHash}.`);
    }
    const begun = (await chainTime(kernel.client)) >= open.forceUntil;
    if (!(await turns.due(`seal ${held.federation} ${held.round} ${open.attempt} ${held.parent}`, held.round + open.attempt, begun))) return false;
    const handed = await judge({ kernel, ledger, escrow: escrow(), recomputation }, inbox.held(held.bundle), held, parent, open.context.configHash);
    journal.change(held.bundle, { state: "sealing", problem: null });
    await waitUntil(kernel.client, open.forceUntil, signal);
    const now = await readOpenRound(kernel, held.federation);
    // What happened in the meantime is for the next step to see.
    if (now === null || now.context.round !== held.round || now.context.parentReportHash !== held.parent || now.forceUntil > open.forceUntil) return true;
    const chosen = await chooseEntries(kernel, now, config, handed);
    const { attempt, context: pinned } = now;
    journal.addSet({ bundle: held.bundle, attempt, context: pinned, entries: chosen.entries });
    const weighed = await sealRound(context, now, chosen.entries);
    journal.change(held.bundle, { state: "sealed", problem: noteOf(chosen, weighed) });
    observer.roundSealed({ federation: held.federation, round: held.round, bundle: held.bundle });
    await report(held, handed, parent, { attempt, entries: chosen.entries, weighed });
    return true;
  }

  /** A later round: it waits, unless its parent can never be what it was made on. */
  async function awaitParent(held: Held): Promise<boolean> {
    const { parentArtefact, parentRound, parent, round } = held;
    const before = journal.find(parentArtefact);
    if (before?.state === "refused") throw new Refused("parent-replaced", `The bundle that it extends was refused: ${before.problem?.message ?? ""}`);
    const reported = await readParent(held, parentRound);
    if (reported !== null && (await rounds.read.headOf([held.federation])).tip === parentRound) {
      throw new Refused("round-void", `Round ${round} can never extend ${parent}: another round is open on it.`);
    }
    return false;
  }

  /** The round is sealed: by us, and then it is reported; or by somebody else, and then it is theirs to report. */
  async function resume(held: Held, attempt: number, parentRound: number): Promise<boolean> {
    const found = await sealOf(held);
    if (found === null) return false;
    const { set, weighed } = found;
    const parent = await readParent(held, parentRound);
    if (parent === null) return false;
    if (held.state !== "sealed") journal.change(held.bundle, { state: "sealed" });
    if (!(await turns.due(`report ${held.federation} ${held.round} ${attempt} ${set.attempt}`, held.round + attempt))) return false;
    const handed = await judge({ kernel, ledger, escrow: escrow(), recomputation }, inbox.held(held.bundle), held, parent, set.context.configHash);
    journal.change(held.bundle, { state: "sealed", problem: lastingNote(held) ?? noteOf({ entries: set.entries, dropped: [], forced: [] }, weighed) });
    await report(held, handed, parent, { attempt, entries: set.entries, weighed, sealAttempt: set.attempt });
    return true;
  }

  async function report(
    held: Held,
    handed: Handed,
    parent: StandingReport,
    { attempt, sealAttempt = attempt, weighed }: { readonly attempt: number; readonly sealAttempt?: number; readonly entries: readonly Entry[]; readonly weighed: WeighedEntry[] },
  ): Promise<void> {
    const { federation, round, bundle } = held;
    const { config, modelSpec } = handed.manifest;
    // Only what was committed to: a seat that was forced in with something else has not published it.
    const committed = ({ seat, updateRoot }: Entry) => handed.entries.some((entry) => entry.seat === seat && entry.updateRoot === updateRoot);
    const published = <Payload>(payloads: ReadonlyMap<number, Payload>) => only(payloads, (seat) => weighed.some((entry) => entry.seat === seat && committed(entry)));
    const escrowed = handed.escrow === null ? null : { register: handed.escrow.register, envelopes: published(handed.escrow.envelopes) };
    const sealed = { federation, round, sealAttempt, attempt, parentRound: parent.round, config, modelSpec, base: handed.base, entries: weighed, updates: published(handed.updates), escrow: escrowed };
    if (!(await consents(federation, round))) return reopen(federation);
    const reported = await reportRound(context, sealed, { store, hashPairs: nativeHashPairs, readerOf, recomputation, evaluate: (model) => evaluateHanded(handed, model, recomputation) });
    const { artefact } = reported.report;
    const outcome = { reportHash: reportHash(reported.report), asHanded: artefact === bundle };
    journal.change(bundle, { state: "reported", artefact, ...outcome, problem: lastingNote(journal.find(bundle) ?? held) });
    observer.roundReported({ federation, round, bundle, ...outcome });
  }

  /** Whether nobody has withdrawn between seal and report: the ledger takes no report then. */
  async function consents(federation: number, round: number): Promise<boolean> {
    const [epoch, { consentEpoch }] = await Promise.all([kernel.seats.read.consentEpoch([federation]), rounds.read.roundOf([federation, round])]);
    return epoch === consentEpoch;
  }

  /** Sends the round back to be sealed without whoever withdrew. */
  async function reopen(federation: number): Promise<void> {
    await sendOnce(
      async () => context.transactor.send(context.relayer, { kind: "reopen", ...rounds, functionName: "reopen", args: [federation] }),
      async () => ((await readOpenRound(kernel, federation)) === null ? null : `federation ${federation} has an open round`),
    );
  }

  /** The round is reported: as this bundle, as what became of it, or as something else. */
  async function recorded(held: Held): Promise<boolean> {
    const { federation, round, bundle } = held;
    const standing = await ledger.report(round);
    if (standing === null) return false;
    const { reportHash: hash, artefact } = standing;
    const asHanded = artefact === bundle;
    if (!asHanded && held.artefact !== artefact && (await sealOf(held)) === null) {
      journal.change(bundle, { reportHash: hash, artefact, asHanded });
      throw new Refused("round-taken", `Round ${round} of federation ${federation} was reported as ${artefact}.`);
    }
    await keep(artefact, asHanded && (await inbox.holds(bundle)) ? inbox.held(bundle) : null);
    journal.change(bundle, { state: "reported", reportHash: hash, artefact, asHanded, problem: lastingNote(held) });
    observer.roundReported({ federation, round, bundle, reportHash: hash, asHanded });
    return true;
  }

  /** The next round is made on it, and whoever asks for evidence asks any operator. What only the others have may come later, when it is read. */
  async function keep(artefact: Hex, folder: Folder | null): Promise<void> {
    try {
      await store.bring(artefact, null, folder);
    } catch (error) {
      if (folder !== null && !isVerdict(error)) throw error;
      observer.failed("keeping", problemOf(error).code);
    }
  }

  /** It is encrypted to others: they go on with it, and what is behind it does not wait. Said once. */
  function leave({ bundle, federation, round }: Held, { code, message, fix }: ChongwenError): false {
    if (journal.find(bundle)?.problem?.code === code) return false;
    journal.change(bundle, { problem: { code, message, fix } });
    warn(`federation ${federation}: round ${round} is left to other operators: ${message}`);
    observer.failed("recording", code);
    return false;
  }

  const isFrozen = createFreezeWatch(kernel, journal);

  type Standing = Awaited<ReturnType<typeof rounds.read.roundOf>>;
  const standing = async ({ federation, round }: Held): Promise<Standing> => rounds.read.roundOf([federation, round]);

  /** Whether another operator has taken the round further since. What failed was too late then, wherever it failed. */
  async function wentOn(held: Held, before: Standing): Promise<boolean> {
    const now = await standing(held).catch(() => before);
    return now.state !== before.state || now.attempt !== before.attempt || now.hash !== before.hash;
  }

  async function step(held: Held, { state, attempt, parentRound }: Standing): Promise<boolean> {
    const name = ROUND_STATES[state] ?? "None";
    // Nothing is sealed or reported in a freeze; what is reported already is only noted.
    if (["None", "Open", "Sealed"].includes(name) && (await isFrozen(held))) return false;
    switch (name) {
      case "Sealed":
        return resume(held, attempt, parentRound);
      case "Reported":
      case "Final":
        return recorded(held);
      case "Void":
        throw new Refused("round-void", `Round ${held.round} of federation ${held.federation} is void.`);
      default:
        return seal(held);
    }
  }
  return async (held) => {
    const before = await standing(held);
    try {
      return await step(held, before);
    } catch (error) {
      // What it was to do stands on chain: the next look goes on from there.
      if (error instanceof AlreadyDone || (!isVerdict(error) && (await wentOn(held, before)))) return true;
      if (isKeyMissing(error)) return leave(held, error);
      throw error;
    }
  };
}

/** What stays true of a round, unlike a failure that is over. */
export const lastingNote = ({ problem }: Held): Held["problem"] => (problem?.code === "entry-dropped" ? problem : null);

/** What its aggregator should know of a round that goes on otherwise than it was handed over. */
function noteOf({ dropped, forced, entries }: Chosen, weighed: readonly WeighedEntry[]): Held["problem"] {
  const unweighed = weighed.filter(({ weight, seat }) => weight === 0 && entries.some((entry) => entry.seat === seat)).map(({ seat }) => ` Seat ${seat}: the ledger gave it no weight.`);
  const lines = [...dropped.map(({ seat, why }) => ` Seat ${seat}: ${why}.`), ...unweighed, ...(forced.length === 0 ? [] : [` Forced in on chain: seat ${forced.join(", ")}.`])];
  if (lines.length === 0) return null;
  const { code, message, fix } = new Refused("entry-dropped", `The round goes on otherwise than it was handed over.${lines.join("")}`);
  return { code, message, fix };
}

/** Metrics that described another model are replaced by what can be counted here. */
async function evaluateHanded(handed: Handed, model: Int32Array, recomputation: Recomputation): Promise<EvaluatedModel> {
  const { evaluation, metrics } = handed;
  if (sameModel(handed, model)) return { metrics, evaluation };
  if (evaluation === null) return { metrics: { rebuilt: true }, evaluation: null };
  const { correct, records } = (await recomputation.evaluate(model, evaluation)).evaluation;
  const rebuilt: Json = { rebuilt: true, correct, total: records, accuracyPpm: Math.round((1_000_000 * correct) / records) };
  return { metrics: rebuilt, evaluation };
}
