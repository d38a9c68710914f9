/** Which artefacts are kept, why and until when: from what the ledger names, and nothing that was remembered. Pure. */
import type { Digest } from "../cid.ts";
import type { Named, NamedFederation, NamedReport } from "./named.ts";
import { type RetentionPolicy, seconds, secondsOf } from "./policy.ts";

/** @param until Seconds since 1970; null: while the ledger needs it. */
export interface Reason {
  readonly kind: "genesis" | "round" | "parent" | "settlement" | "card" | "stable" | "overturned" | "pending" | "pinned";
  readonly why: string;
  readonly until: number | null;
}

export type Reasons = ReadonlyMap<Digest, readonly Reason[]>;

/** Kept by hand: nothing on the ledger names it, or not yet. */
export interface Pin {
  readonly digest: Digest;
  readonly why: string;
  readonly until: number | null;
}

/** @param pending Of rounds under way that the ledger does not know yet. @param erased Whole artefacts: nothing keeps them. */
export interface RetentionFacts {
  readonly named: Named;
  readonly pins: readonly Pin[];
  readonly pending: readonly Digest[];
  readonly erased: ReadonlySet<Digest>;
}

/** Everything that is or was to be kept, with all reasons, those that have ended too. */
export function reasonsFor({ named, pins, pending }: Omit<RetentionFacts, "erased">, policy: RetentionPolicy): Reasons {
  const reasons = new Map<Digest, Reason[]>();
  const keep: Keep = (digest, kind, why, until) => {
    const key = digest.toLowerCase() as Digest;
    if (/^0x0{64}$/.test(key)) return;
    const known = reasons.get(key) ?? [];
    reasons.set(key, known);
    known.push({ kind, why, until });
  };
  for (const federation of named.federations) keepFederation(federation, policy, keep);
  for (const { dataset, card } of named.cards) keep(card, "card", `card of dataset ${dataset}`, null);
  for (const { digest, why, until } of pins) keep(digest, "pinned", why, until);
  for (const digest of pending) keep(digest, "pending", "received, and not final", null);
  return reasons;
}

/** What is to be kept now. Time only ever takes away from it; an erasure prevails over every reason. */
export function retained(facts: RetentionFacts, policy: RetentionPolicy, now: number): Reasons {
  const kept = new Map<Digest, readonly Reason[]>();
  for (const [digest, reasons] of reasonsFor(facts, policy)) {
    const valid = reasons.filter(({ until }) => until === null || until > now);
    if (valid.length > 0 && !facts.erased.has(digest)) kept.set(digest, valid);
  }
  return kept;
}

/** When the last of the reasons ends; null: none is in sight. */
export function endOf(reasons: readonly Reason[]): number | null {
  return reasons.some(({ until }) => until === null) ? null : Math.max(...reasons.map(({ until }) => until ?? 0));
}

type Keep = (digest: Digest, kind: Reason["kind"], why: string, until: number | null) => void;

const UNDER_WAY = new Set(["Open", "Sealed", "Reported"]);

function keepFederation(named: NamedFederation, policy: RetentionPolicy, keep: Keep): void {
  const { federation, genesis, rounds, reports, settlements, accountable, settles, settledThrough } = named;
  const of = `of federation ${federation}`;
  const after = (moment: number): number => moment + Math.max(seconds.experimental(policy), accountable);
  const byNumber = new Map(rounds.map((round) => [round.round, round]));
  const standing = (report: NamedReport): boolean => {
    const round = byNumber.get(report.round);
    return round !== undefined && round.reportHash === report.reportHash && (round.state === "Reported" || round.state === "Final");
  };
  const stable = stableUntil(named, policy);
  const needed = new Set([named.tip, ...rounds.filter(({ state }) => UNDER_WAY.has(state)).map(({ parentRound }) => parentRound)]);
  const underSettlement = (round: number): boolean => settlements.some(({ state, firstRound, lastRound }) => state === "Proposed" && firstRound <= round && round <= lastRound);

  keep(genesis, "genesis", `genesis ${of}`, null);
  for (const report of reports) {
    const { round, artefact, deadline } = report;
    const what = `round ${round} ${of}`;
    const { state, finalAt } = byNumber.get(round) ?? { state: "Open", finalAt: null };
    if (!standing(report)) {
      // While it is made again it is what those liable are asked about.
      keep(artefact, "overturned", `${what}, a report that does not stand`, UNDER_WAY.has(state) ? null : after(deadline));
      continue;
    }
    keep(artefact, "round", what, finalAt === null || (settles && round > settledThrough) || underSettlement(round) ? null : after(finalAt));
    if (needed.has(round)) keep(artefact, "parent", `parent of the next round ${of}`, null);
    const until = stable.get(round);
    if (until !== undefined) keep(artefact, "stable", `evidence of a stable model ${of}`, until);
  }

  const paid = settlements.findLast(({ state }) => state === "Final")?.index;
  for (const { index, state, artefact, deadline, firstRound, lastRound } of settlements) {
    keep(artefact, "settlement", `settlement ${index} ${of}`, state === "Proposed" || (state === "Final" && index === paid) ? null : after(deadline));
    if (state === "Overturned") continue;
    const until = Math.max(...[...stable].flatMap(([round, end]) => (firstRound <= round && round <= lastRound ? [end] : [])));
    if (until > 0) keep(artefact, "stable", `evidence of a stable model ${of}`, until);
  }
}

/** Until when each round on the lineage of a stable model is evidence. */
function stableUntil({ federation, rounds }: NamedFederation, policy: RetentionPolicy): ReadonlyMap<number, number> {
  const byNumber = new Map(rounds.map((round) => [round.round, round]));
  const promoted = new Map<number, number>();
  const promote = (round: number, at: number): void => void promoted.set(round, Math.max(at, promoted.get(round) ?? 0));
  for (const { round, approved, finalAt } of rounds) if (approved && finalAt !== null) promote(round, finalAt);
  for (const { federation: of, round, promotedAt } of policy.stable) if (of === federation && byNumber.get(round)?.state === "Final") promote(round, secondsOf(promotedAt));

  const until = new Map<number, number>();
  for (const [model, at] of [...promoted].toSorted((a, b) => b[1] - a[1])) {
    const end = at + seconds.stable(policy);
    // Latest first: an ancestor that is known already is known with all of its own, for at least as long.
    for (let round = byNumber.get(model); round !== undefined && !until.has(round.round); round = byNumber.get(round.parentRound)) until.set(round.round, end);
  }
  return until;
}
