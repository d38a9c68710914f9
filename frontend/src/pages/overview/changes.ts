/** What happened on the ledger since a block, grouped so that it can be said in few sentences. Pure. */
import { chongwenGovernorAbi, datasetsAbi, roundsAbi } from "../../../../protocol/abi/index.ts";
import type { Deployment } from "../../../../protocol/deployment.ts";
import type { FederationHistory } from "../../chain/book.ts";
import { eventsIn } from "../../chain/events.ts";
import type { HistoryEntry } from "../../chain/history-entry.ts";

export type Change =
  | { readonly kind: "federation"; readonly federation: number }
  | { readonly kind: "rounds-final" | "rounds-reported" | "rounds-void"; readonly federation: number; readonly rounds: readonly number[] }
  | { readonly kind: "fault"; readonly federation: number; readonly rounds: readonly number[] }
  | { readonly kind: "settlements-final"; readonly federation: number; readonly settlements: readonly number[]; readonly distributed: bigint }
  | { readonly kind: "settlement-proposed"; readonly federation: number; readonly settlements: readonly number[] }
  | { readonly kind: "claims"; readonly federation: number; readonly count: number; readonly amount: bigint }
  | { readonly kind: "seats"; readonly federation: number; readonly seats: readonly number[] }
  | { readonly kind: "datasets-proposed" | "datasets-withdrawn" | "datasets-approved"; readonly datasets: readonly number[] }
  | { readonly kind: "proposals-made" | "proposals-executed"; readonly count: number };

const APPROVED = 2;

function inFederation(history: FederationHistory, since: bigint): Change[] {
  const { federation, rounds, settlements, claims, seats, configs } = history;
  const isNew = (place: { readonly blockNumber: bigint } | undefined): boolean => place !== undefined && place.blockNumber > since;
  const numbers = (kind: "rounds-final" | "rounds-reported" | "rounds-void", own: readonly { readonly round: number }[]): Change[] =>
    own.length === 0 ? [] : [{ kind, federation, rounds: own.map(({ round }) => round) }];
  const final = settlements.filter(({ finalised }) => isNew(finalised));
  const underWay = settlements.filter(({ finalised, proposed }) => finalised === undefined && isNew(proposed));
  const paid = claims.filter(isNew);
  const granted = seats.filter(isNew);
  return [
    ...(isNew(configs[0]) ? [{ kind: "federation", federation } as const] : []),
    ...numbers("rounds-final", rounds.filter(({ finalised }) => isNew(finalised))),
    ...numbers("rounds-reported", rounds.filter(({ finalised, voided, reports }) => finalised === undefined && voided === undefined && isNew(reports.at(-1)))),
    ...numbers("rounds-void", rounds.filter(({ voided }) => isNew(voided))),
    ...(final.length > 0 ? [{ kind: "settlements-final", federation, settlements: final.map(({ index }) => index), distributed: final.reduce((sum, { distributed }) => sum + distributed, 0n) } as const] : []),
    ...(underWay.length > 0 ? [{ kind: "settlement-proposed", federation, settlements: underWay.map(({ index }) => index) } as const] : []),
    ...(paid.length > 0 ? [{ kind: "claims", federation, count: paid.length, amount: paid.reduce((sum, { amount }) => sum + amount, 0n) } as const] : []),
    ...(granted.length > 0 ? [{ kind: "seats", federation, seats: granted.map(({ seat }) => seat) } as const] : []),
  ];
}

function elsewhere(entries: readonly HistoryEntry[], { contracts }: Deployment): Change[] {
  const datasets = { address: contracts.datasets, abi: datasetsAbi } as const;
  const governor = { address: contracts.governor, abi: chongwenGovernorAbi } as const;
  const named = (kind: "datasets-proposed" | "datasets-withdrawn" | "datasets-approved", ids: readonly number[]): Change[] => (ids.length === 0 ? [] : [{ kind, datasets: [...new Set(ids)] }]);
  const counted = (kind: "proposals-made" | "proposals-executed", count: number): Change[] => (count === 0 ? [] : [{ kind, count }]);
  const faults = Map.groupBy(eventsIn(entries, { address: contracts.rounds, abi: roundsAbi, eventName: "FaultProven" }), ({ args }) => args.federation);
  return [
    ...[...faults].map(([federation, events]): Change => ({ kind: "fault", federation, rounds: [...new Set(events.map(({ args }) => args.round))] })),
    ...named("datasets-proposed", eventsIn(entries, { ...datasets, eventName: "DatasetProposed" }).map(({ args }) => args.dataset)),
    ...named("datasets-approved", eventsIn(entries, { ...datasets, eventName: "DatasetStatusChanged" }).filter(({ args }) => args.status === APPROVED).map(({ args }) => args.dataset)),
    ...named("datasets-withdrawn", eventsIn(entries, { ...datasets, eventName: "ConsentWithdrawn" }).map(({ args }) => args.dataset)),
    ...counted("proposals-made", eventsIn(entries, { ...governor, eventName: "ProposalCreated" }).length),
    ...counted("proposals-executed", eventsIn(entries, { ...governor, eventName: "ProposalExecuted" }).length),
  ];
}

/** @param since Last block that the reader has seen. */
export function changesSince(entries: readonly HistoryEntry[], federations: readonly FederationHistory[], deployment: Deployment, since: bigint): readonly Change[] {
  const fresh = entries.filter(({ blockNumber }) => blockNumber > since);
  return [...federations.flatMap((history) => inFederation(history, since)), ...elsewhere(fresh, deployment)];
}
