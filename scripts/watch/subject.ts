import type { Hex } from "viem";
import type { Kernel } from "../chain/kernel.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";

/**
 * Something that a quorum has signed and that can still be overturned: a reported round, or the settlement under way.
 * @param key Names it with the hash that the ledger holds now: signed again, it is another subject.
 * @param deadline Chain time before which it can be overturned; later only while it is held.
 */
export interface Subject {
  readonly kind: "round" | "settlement";
  readonly federation: number;
  /** Number of the round, index of the settlement. */
  readonly target: number;
  readonly attempt: number;
  readonly hash: Hex;
  readonly deadline: number;
  readonly held: boolean;
  readonly key: string;
}

/** Whether it can be overturned in a block of this time. */
export function isOpen({ deadline, held }: Subject, at: number): boolean {
  return held || at < deadline;
}

export function nameOf({ kind, target, attempt }: Pick<Subject, "kind" | "target" | "attempt">): string {
  return `${kind} ${target}${attempt === 0 ? "" : ` (attempt ${attempt + 1})`}`;
}

function subject(parts: Omit<Subject, "key">): Subject {
  return { ...parts, key: `${parts.kind} ${parts.federation}/${parts.target}/${parts.attempt} ${parts.hash}` };
}

/** Reads what is open now. Most urgent first. Rounds that stand on a replaced one are left out: nothing can be proven of them, and anyone can void them. */
export async function readSubjects(kernel: Kernel, federation: number): Promise<Subject[]> {
  const subjects = [...(await readLiveRounds(kernel, federation)), ...(await readSettlementUnderWay(kernel, federation))];
  return subjects.sort((a, b) => a.deadline - b.deadline);
}

async function readLiveRounds({ rounds }: Kernel, federation: number): Promise<Subject[]> {
  const live: Subject[] = [];
  let { tip: target } = await rounds.read.headOf([federation]);
  while (target > 0) {
    const state = await rounds.read.roundOf([federation, target]);
    const name = ROUND_STATES[state.state];
    if (name === "Final" || name === "None") break;
    if (name === "Reported") {
      live.push(subject({ kind: "round", federation, target, attempt: state.attempt, hash: state.hash, deadline: Number(await rounds.read.deadlineOf([federation, target])), held: state.holds > 0 }));
    }
    target = state.parentRound;
  }
  return live;
}

async function readSettlementUnderWay({ settlement }: Kernel, federation: number): Promise<Subject[]> {
  const { state, nextIndex, attempt, statementHash, deadline, frozen } = await settlement.read.accountOf([federation]);
  if (state === 0) return [];
  return [subject({ kind: "settlement", federation, target: nextIndex, attempt, hash: statementHash, deadline, held: frozen })];
}

/** What became of a subject that is no longer open under its hash. */
export async function fateOf({ rounds, settlement }: Kernel, { kind, federation, target, attempt, hash }: Subject): Promise<"final" | "overturned" | "void" | "open"> {
  if (kind === "settlement") {
    const account = await settlement.read.accountOf([federation]);
    if (account.nextIndex > target) return "final";
    return account.state !== 0 && account.statementHash === hash ? "open" : "overturned";
  }
  const state = await rounds.read.roundOf([federation, target]);
  const name = ROUND_STATES[state.state];
  if (state.attempt !== attempt) return "overturned";
  if (state.hash === hash && name === "Final") return "final";
  if (state.hash === hash && name === "Reported") return "open";
  return name === "Void" ? "void" : "overturned";
}
