import { setTimeout as sleep } from "node:timers/promises";
import { BaseError, HttpRequestError, TimeoutError, WebSocketRequestError } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Fault, MissingFile } from "../../protocol/faults/find-evidence.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import type { HashPairs } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { answerDemand } from "./answer.ts";
import { demandMissing, latestDemand, type Asked, type AskLimits } from "./ask.ts";
import { checkSubject } from "./check.ts";
import { closeDemands } from "./close.ts";
import { onlyOpen, readAnswers, readDemands, roundsDemandedBy, type OpenDemand } from "./demands.ts";
import type { StoreOf } from "./fetch.ts";
import type { Journal } from "./journal.ts";
import { createModelCache } from "./models.ts";
import type { CheckLine, Observer } from "./observer.ts";
import { collectWinnings, pursue, type PursuitContext } from "./pursue.ts";
import { readRound, RoundMoved, type RoundOnChain } from "./read-round.ts";
import type { Sender } from "./sender.ts";
import { fateOf, nameOf, readSubjects, type Subject } from "./subject.ts";
import { backOff, readNow, type Now } from "./time.ts";

/**
 * @param sender Null: look only. @param once One pass: check everything, finish what that begins, and end.
 * @param demands Null: never demand. @param patience Seconds after a report before its data is demanded; null = a quarter of what the window allows, at most an hour.
 * @param answers Whether to answer demands of others; at-a-loss: also when the bond does not pay the gas.
 */
export interface WatchOptions {
  readonly kernel: Kernel;
  readonly federation: number;
  readonly storeOf: StoreOf;
  readonly hashPairs: HashPairs;
  /** Opens payloads of a federation in privacy mode B, for who holds a key to its escrow. */
  readonly escrow?: EscrowReader | null;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly sender: Sender | null;
  readonly once: boolean;
  readonly demands: AskLimits | null;
  readonly patience: number | null;
  readonly answers: "no" | "paid" | "at-a-loss";
  readonly signal: AbortSignal;
}

/** What is known of a subject while it is open. Times of this machine, in milliseconds. */
interface Session {
  readonly subject: Subject;
  /** Nothing more to do under this hash. */
  done: boolean;
  tries: number;
  nextTry: number;
  fault: Fault | null;
  /** What was said last, so that it is not said again. */
  said: string;
  warned: string;
  answers: number;
}

interface Watch extends WatchOptions {
  readonly sessions: Map<string, Session>;
  readonly check: Parameters<typeof checkSubject>[0];
  /** Rounds in which bonds of ours may wait. */
  readonly owed: Set<number>;
  begun: boolean;
}

/** Watches a federation until it is told to stop, or once. @throws with `once`: failures of the endpoint */
export async function watch(options: WatchOptions): Promise<void> {
  const { kernel, storeOf, hashPairs, signal, once, observer, escrow = null } = options;
  const check = { kernel, storeOf, hashPairs, escrow, models: createModelCache() };
  const state: Watch = { ...options, sessions: new Map(), check, owed: new Set(), begun: false };
  let failures = 0;
  while (!signal.aborted) {
    try {
      const block = await kernel.client.getBlockNumber();
      await pass(state);
      observer.looked?.(block);
      failures = 0;
      if (once) return;
      await nextBlock(state, block);
    } catch (error) {
      if (signal.aborted) return;
      if (once) throw error;
      observer.warned("endpoint", `${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)} (trying again in ${backOff(failures) / 1000} s)`);
      await sleep(backOff(failures), undefined, { signal }).catch(() => undefined);
      failures += 1;
    }
  }
}

/** Reads the ledger anew and does what there is to do. */
async function pass(state: Watch): Promise<void> {
  const { kernel, federation, sessions, sender } = state;
  const subjects = await readSubjects(kernel, federation);
  await forget(state, subjects);
  if (!state.begun && sender !== null) {
    for (const round of await roundsDemandedBy(kernel, federation, sender.account.address)) state.owed.add(round);
    await collect(state);
    state.begun = true;
  }
  for (const subject of subjects) {
    const session = sessions.get(subject.key) ?? open(state, subject);
    // Deadline and holds of the same subject change.
    await guarded(state, session, () => handle(state, { ...session.subject, deadline: subject.deadline, held: subject.held }, session));
  }
  if (sender !== null) await tendDemands(state, subjects, sender);
}

function open({ sessions }: Watch, subject: Subject): Session {
  const session: Session = { subject, done: false, tries: 0, nextTry: 0, fault: null, said: "", warned: "", answers: 0 };
  sessions.set(subject.key, session);
  return session;
}

/** Says what became of what is open no more. */
async function forget({ kernel, sessions, observer }: Watch, subjects: readonly Subject[]): Promise<void> {
  const live = new Set(subjects.map(({ key }) => key));
  for (const [key, { subject }] of sessions) {
    if (live.has(key)) continue;
    sessions.delete(key);
    const fate = await fateOf(kernel, subject);
    observer.ended(nameOf(subject), fate === "open" ? "stands on a round that was replaced: anyone can void it" : fate);
  }
}

async function handle(state: Watch, subject: Subject, session: Session): Promise<void> {
  const { journal, observer } = state;
  if (session.done) return;
  if (journal.has("verified", subject.key)) {
    session.done = true;
    say(state, session, { result: "verified", reason: "as the journal says", where: "", fetched: 0, computed: 0, problems: [] });
    return;
  }
  if (session.fault !== null) return act(state, subject, session, session.fault);
  if (Date.now() < session.nextTry && !(await hasNewAnswers(state, subject, session))) return;
  const { federation, target } = subject;
  const asked = { records: await demandsOf(state, subject), answered: { files: new Map(), runs: new Map() } as Awaited<ReturnType<typeof readAnswers>> };
  const checked = await checkSubject(state.check, subject, async () => {
    asked.answered = await readAnswers(state.kernel, asked.records);
    session.answers = [...asked.answered.runs.values()].flat().length + asked.answered.files.size;
    return asked.answered.files;
  });
  session.tries += 1;
  session.nextTry = Date.now() + backOff(session.tries);
  const { search } = checked;
  const told = { fetched: checked.fetched, computed: checked.computed, problems: checked.problems };
  switch (search.kind) {
    case "none":
      session.done = true;
      await journal.write({ event: "verified", subject: subject.key });
      return say(state, session, { result: "verified", reason: "", where: "", ...told });
    case "fault":
      session.fault = search.fault;
      say(state, session, { result: "fault", reason: `${search.fault.name}: ${search.fault.reason}`, where: search.fault.where, ...told });
      return act(state, subject, session, search.fault);
    case "unprovable":
      session.done = true;
      return say(state, session, { result: "unprovable", reason: `${search.reason}; no verifier judges this: ask for arbitration`, where: search.where, ...told });
    case "escrowed":
      session.done = true;
      return say(state, session, { result: "escrowed", reason: `updates are not public in this privacy mode: only escrow holders can recompute the ${subject.kind === "round" ? "aggregate" : "scores"}`, where: "", ...told });
    default: {
      const files = search.items.map(({ file }) => file);
      say(state, session, { result: "missing", reason: `not available: ${files.slice(0, 5).join(", ")}${files.length > 5 ? ` and ${files.length - 5} more` : ""}`, where: files[0] ?? "", ...told });
      if (checked.round !== null) await ask(state, subject, session, checked.round, search.items, { ...asked, normTraces: checked.normTraces });
      else warn(observer, session, `what is missing for settlement ${target} of federation ${federation} cannot be demanded`);
    }
  }
}

async function act(state: Watch, subject: Subject, session: Session, fault: Fault): Promise<void> {
  const { sender, observer } = state;
  if (sender === null) {
    session.done = true;
    return;
  }
  const outcome = await pursue(pursuit(state, sender), subject, fault);
  if (outcome === "won") await collect(state);
  if (outcome === "late") observer.warned(nameOf(subject), "too late: a commitment and a proof do not fit before the deadline");
  // What is won is gone by the next pass. If it is not, a reorganisation took the proof back, and it is sent again.
  session.done = outcome === "late" || outcome === "refused";
}

const pursuit = ({ kernel, journal, observer, signal }: Watch, sender: Sender): PursuitContext => ({ kernel, sender, journal, observer, signal });

async function collect(state: Watch): Promise<void> {
  if (state.sender !== null) await collectWinnings(pursuit(state, state.sender));
}

/** Demands what is missing once there was time to fetch it, as long as an answer fits before the deadline. */
async function ask(
  state: Watch,
  subject: Subject,
  session: Session,
  round: RoundOnChain,
  items: readonly MissingFile[],
  asked: Asked,
): Promise<void> {
  const { kernel, sender, demands: limits, patience, observer, journal, owed } = state;
  if (!items.some(({ demand }) => demand !== null)) return;
  const [now, answerWindow] = await Promise.all([readNow(kernel.client), kernel.demands.read.answerWindow()]);
  const latest = latestDemand(subject, answerWindow, now);
  const { challengeWindow } = round.ledger.config;
  const since = subject.deadline - challengeWindow;
  const earliest = since + (patience ?? Math.min(3_600, Math.max(0, Math.floor((latest - since) / 4))));
  if (now.timestamp > latest) return warn(observer, session, "too late to demand it: an answer would not fit before the deadline");
  if (sender === null || limits === null || now.timestamp < earliest) return;
  owed.add(subject.target);
  await demandMissing({ kernel, sender, journal, observer, limits }, subject, round, items, asked);
}

async function demandsOf({ kernel }: Watch, { kind, federation, target }: Subject) {
  return kind === "round" ? readDemands(kernel, federation, target) : [];
}

async function hasNewAnswers(state: Watch, subject: Subject, session: Session): Promise<boolean> {
  if (!state.owed.has(subject.target) || subject.kind !== "round") return false;
  const { files, runs } = await readAnswers(state.kernel, await demandsOf(state, subject));
  return [...runs.values()].flat().length + files.size > session.answers;
}

/** Answers demands of others, ends those whose time is over, and takes back the bonds of those that no longer matter. */
async function tendDemands(state: Watch, subjects: readonly Subject[], sender: Sender): Promise<void> {
  const { kernel, federation, owed, observer, storeOf, hashPairs, answers } = state;
  const held = subjects.filter(({ kind, held }) => kind === "round" && held).map(({ target }) => target);
  const now = await readNow(kernel.client);
  for (const round of new Set([...held, ...owed])) {
    const open = await onlyOpen(kernel, await readDemands(kernel, federation, round));
    if (!open.some(({ demander }) => demander === sender.account.address) && !subjects.some(({ kind, target }) => kind === "round" && target === round)) owed.delete(round);
    if (open.length === 0) continue;
    const ended = await closeDemands({ kernel, sender, observer }, open, now);
    if (ended) await collect(state);
    else if (answers !== "no") await answerAll({ kernel, sender, storeOf, hashPairs, observer, evenAtALoss: answers === "at-a-loss" }, federation, round, open, now);
  }
}

async function answerAll(context: Parameters<typeof answerDemand>[0], federation: number, round: number, open: readonly OpenDemand[], now: Now): Promise<void> {
  const others = open.filter(({ demander }) => demander !== context.sender.account.address);
  if (others.length === 0) return;
  try {
    const onChain = await readRound(context.kernel, federation, round);
    for (const demand of others) await answerDemand(context, onChain, demand, now);
  } catch (error) {
    if (!(error instanceof RoundMoved)) throw error;
  }
}

/** Keeps one subject's trouble from the others. What concerns the endpoint concerns all. */
async function guarded(state: Watch, session: Session, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RoundMoved) return;
    if (state.signal.aborted || isEndpointFailure(error)) throw error;
    session.tries += 1;
    session.nextTry = Date.now() + backOff(session.tries);
    const message = error instanceof ChongwenError ? `${error.message} ${error.fix}` : error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (session.fault === null) say(state, session, { result: "failed", reason: message, where: "", fetched: 0, computed: 0, problems: [] });
    else warn(state.observer, session, message);
  }
}

/** The endpoint did not answer, as opposed to: it answered that something is wrong. */
export function isEndpointFailure(error: unknown): boolean {
  const cause = error instanceof ChongwenError && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof BaseError)) return false;
  return cause.walk((inner) => inner instanceof HttpRequestError || inner instanceof TimeoutError || inner instanceof WebSocketRequestError) !== null;
}

function say({ observer }: Watch, session: Session, line: Omit<CheckLine, "subject" | "hash">): void {
  const text = `${line.result} ${line.reason}`;
  if (session.said === text) return;
  session.said = text;
  observer.checked({ subject: nameOf(session.subject), hash: session.subject.hash, ...line });
}

function warn(observer: Observer, session: Session, message: string): void {
  if (session.warned === message) return;
  session.warned = message;
  observer.warned(nameOf(session.subject), message);
}

/** Waits for a block after the one that was looked at, and at most until something is due again. */
async function nextBlock({ kernel, signal, sessions, observer }: Watch, seen: bigint): Promise<void> {
  const { client } = kernel;
  const due = Math.min(...[...sessions.values()].filter(({ done }) => !done).map(({ nextTry }) => nextTry), Date.now() + 60_000);
  const pause = Math.min(4_000, 250 * (await readNow(client)).blockSeconds);
  for (;;) {
    await sleep(pause, undefined, { signal });
    if ((await client.getBlockNumber()) !== seen || Date.now() >= due) return;
    observer.looked?.(seen);
  }
}
