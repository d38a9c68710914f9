// What a run came to, and which promises it kept.
import type { AuditReport } from "../../protocol/audit/audit.ts";
import type { PaidClaim } from "../federation/claim-all.ts";
import type { Kill } from "./kill.ts";
import type { Studies } from "./studies.ts";

/** One update that was left out of a round. */
export interface Excluded {
  readonly hospital: string | null;
  readonly seat: number;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** Whether the same reason stands in the journal that the hospital's operator reads. */
  readonly toldToOperator: boolean;
}

export interface RoundReport {
  readonly round: number;
  readonly state: string;
  /** Seats whose updates count. */
  readonly contributors: readonly number[];
  readonly excluded: readonly Excluded[];
  /** Whether the oracle reported the very bundle that it was handed. */
  readonly asHanded: boolean | null;
  readonly reportHash: string | null;
  readonly artefact: string | null;
  /** Of the round's model on the open holdout; a share. */
  readonly accuracy: number | null;
  /** Milliseconds, over all contributors; `verify` at the aggregator. */
  readonly timesMs: { readonly train: number; readonly commit: number; readonly sign: number; readonly verify: number } | null;
  /** Commit, sign and verify as a share of training. */
  readonly overhead: number | null;
}

export interface FlowerReport {
  readonly schema_version: 1;
  readonly ok: boolean;
  readonly promises: readonly { readonly what: string; readonly kept: boolean }[];
  readonly data: { readonly title: string; readonly hospitals: readonly { readonly name: string; readonly seat: number; readonly records: number }[]; readonly holdout: number };
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  readonly rounds: readonly RoundReport[];
  readonly kill: Kill & { readonly settledWith: readonly number[]; readonly backInRound: number | null };
  readonly accuracy: { readonly before: number; readonly deployed: number };
  readonly claims: readonly { readonly seat: number; readonly account: string; readonly amount: string; readonly expected: string }[];
  readonly audit: Pick<AuditReport, "ok" | "checked">;
  readonly studies: Studies;
  readonly environment: { readonly python: string; readonly flower: string };
  readonly seconds: Readonly<Record<"python" | "ledger" | "flower" | "settlement" | "studies" | "total", number>>;
}

export type Evidence = Omit<FlowerReport, "ok" | "promises" | "schema_version">;

export interface Expected {
  readonly rounds: number;
  readonly misdeeds: readonly { readonly round: number; readonly seat: number; readonly what: string; readonly codes: readonly string[] }[];
}

/** Judges a run. */
export function judge(evidence: Evidence, { rounds, misdeeds }: Expected): FlowerReport {
  const { kill, claims, audit, studies } = evidence;
  const final = evidence.rounds.filter(({ state }) => state === "Final");
  const killed = evidence.rounds.find(({ round }) => round === kill.round);
  const promises = [
    { what: `${final.length} of ${rounds} rounds are final on the chain, from ${evidence.data.hospitals.length} hospitals' own processes`, kept: final.length === rounds && rounds >= 3 },
    {
      what: `${kill.hospital} was killed while it trained for round ${kill.round}; the round settled with seats ${kill.settledWith.join(", ")}, without it`,
      kept: !kill.answered && killed?.state === "Final" && kill.settledWith.length >= 3 && !kill.settledWith.includes(kill.seat),
    },
    { what: kill.backInRound === null ? `${kill.hospital} did not come back` : `${kill.hospital} was back in round ${kill.backInRound}`, kept: kill.backInRound !== null },
    ...misdeeds.map(({ round, seat, what, codes }) => {
      const entry = evidence.rounds.find((known) => known.round === round);
      const found = entry?.excluded.find((one) => one.seat === seat);
      const left = found !== undefined && codes.includes(found.code) && !(entry?.contributors.includes(seat) ?? true);
      return {
        what: `round ${round}: ${what} (seat ${seat}) was left out${found === undefined ? "" : ` as ${found.code}`}, and the hospital's operator can read why`,
        kept: left && found.toldToOperator && entry?.state === "Final",
      };
    }),
    { what: "every round was reported as the aggregator handed it over", kept: evidence.rounds.every(({ asHanded }) => asHanded === true) },
    { what: `${claims.length} hospitals claimed what the artefacts give`, kept: claims.length === evidence.data.hospitals.length && claims.every(({ amount, expected }) => amount === expected && amount !== "0") },
    { what: `audit: ${audit.ok ? "everything recomputed and equal" : "differences found"}, ${audit.checked} comparisons`, kept: audit.ok },
    ...studies.promises,
  ];
  return { schema_version: 1, ok: promises.every(({ kept }) => kept), promises, ...evidence };
}

/** Claims beside what was recomputed. */
export const claimRows = (claims: readonly PaidClaim[], expected: (seat: number) => bigint): FlowerReport["claims"] =>
  claims.map(({ seat, account, amount }) => ({ seat, account, amount: amount.toString(), expected: expected(seat).toString() }));
