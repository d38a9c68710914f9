/** What the page says about a round: derived from the packed record that the ledger holds, and the time. Pure. */

/** `IRounds.State`, by position. */
const STATES = ["none", "open", "sealed", "reported", "final", "void"] as const;
export type RoundState = Exclude<(typeof STATES)[number], "none">;

/** What of `IRounds.Round` is shown. */
export interface RoundRecord {
  readonly hash: `0x${string}`;
  readonly state: number;
  readonly attempt: number;
  /** The one that holds: after a freeze it is later than the one that is stored. */
  readonly deadline: number;
  readonly parentRound: number;
  readonly entries: number;
  readonly accepted: number;
}

/** `IRounds.Head`. */
export interface Head {
  readonly last: number;
  readonly tip: number;
  readonly forceUntil: number;
  readonly forced: number;
}

/** A time limit that the state gives: still running, or over and waiting for somebody to act. `none`: the state is not bound to time. */
export type Limit = { readonly kind: "none" } | { readonly kind: "running"; readonly seconds: number } | { readonly kind: "over" };

export interface RoundView {
  readonly round: number;
  readonly state: RoundState;
  readonly limit: Limit;
  readonly attempt: number;
  /** Open again after it had been sealed: its entries are to be sealed once more. */
  readonly redo: boolean;
  /** Undefined for the first model, which has no parent, and while nothing is sealed. */
  readonly parent: number | undefined;
  readonly entries: number;
  readonly accepted: number;
  /** Entries that contributors forced into the open round on chain. */
  readonly forced: number;
  /** Report hash of a reported or final round, else undefined. */
  readonly reportHash: `0x${string}` | undefined;
}

function limitAt(deadline: number, now: number): Limit {
  return now < deadline ? { kind: "running", seconds: deadline - now } : { kind: "over" };
}

export function stateOf(value: number): RoundState {
  const state = STATES[value];
  if (state === undefined || state === "none") throw new RangeError(`A round cannot be in state ${value}.`);
  return state;
}

/** Whether time limits a round in this state. */
export function isTimed(state: RoundState): boolean {
  return state === "open" || state === "sealed" || state === "reported";
}

export function viewRound(round: number, record: RoundRecord, now: number): RoundView {
  const state = stateOf(record.state);
  const reported = state === "reported" || state === "final";
  const sealed = state !== "open" && record.entries > 0;
  return {
    round,
    state,
    limit: isTimed(state) ? limitAt(record.deadline, now) : { kind: "none" },
    attempt: record.attempt,
    redo: state === "open",
    parent: round === 0 ? undefined : record.parentRound,
    entries: sealed ? record.entries : 0,
    accepted: sealed ? record.accepted : 0,
    forced: 0,
    reportHash: reported ? record.hash : undefined,
  };
}

/** The round that contributors sign for now, if it is a new one: the ledger keeps no record of it before its seal. */
export function upcomingRound(head: Head, tip: RoundRecord, now: number): RoundView | undefined {
  const state = stateOf(tip.state);
  if (state === "open" || state === "sealed") return undefined;
  return {
    round: head.last + 1,
    state: "open",
    limit: now < head.forceUntil ? { kind: "running", seconds: head.forceUntil - now } : { kind: "none" },
    attempt: 0,
    redo: false,
    parent: head.tip,
    entries: 0,
    accepted: 0,
    forced: head.forced,
    reportHash: undefined,
  };
}

/** Numbers of the newest `count` rounds of a federation, newest first; round 0 is its first model. */
export function newestRounds(last: number, count: number): number[] {
  const length = Math.min(count, last + 1);
  return Array.from({ length }, (_, i) => last - i);
}
