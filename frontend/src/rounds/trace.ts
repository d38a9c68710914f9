/** What became of each round, attempt by attempt: from the ledger's events alone. Pure. */
import type { Hex } from "viem";
import type { roundsAbi } from "../../../protocol/abi/index.ts";
import type { LedgerEvent } from "../chain/events.ts";
import type { RoundState } from "./view-model.ts";

export const ROUND_EVENTS = [
  "RoundSealed", "RoundReported", "RoundFinalised", "RoundReopened", "RoundVoided", "FaultProven", "ContributionForced", "PayloadPosted", "RoundHeld", "RoundReleased",
] as const;
export type RoundEvent = LedgerEvent<typeof roundsAbi, (typeof ROUND_EVENTS)[number]>;

/** Where in the chain something happened. */
export interface Place {
  readonly transaction: Hex;
  readonly block: bigint;
  readonly logIndex: number;
}

export interface SealTrace extends Place {
  readonly attempt: number;
  readonly parent: number;
  readonly sealHash: Hex;
  readonly weightsHash: Hex;
  /** Bitmap over the signer set of the epoch in force. */
  readonly signers: number;
}

export interface ReportTrace extends Place {
  readonly attempt: number;
  readonly reportHash: Hex;
  readonly modelRoot: Hex;
  readonly metricsHash: Hex;
  readonly artefact: Hex;
  readonly excluded: bigint;
  readonly signers: number;
  readonly deadline: bigint;
}

export interface FaultTrace extends Place {
  readonly attempt: number;
  readonly kind: "report" | "seal";
  readonly challenger: Hex;
  readonly liable: number;
  /** Where the round went because of it. */
  readonly next: "sealed" | "open" | "void";
}

export interface RoundTrace {
  readonly round: number;
  readonly state: RoundState;
  readonly seals: readonly SealTrace[];
  readonly reports: readonly ReportTrace[];
  readonly faults: readonly FaultTrace[];
  readonly reopened: readonly Place[];
  readonly final: Place | undefined;
  readonly voided: (Place & { readonly reason: number }) | undefined;
  readonly forced: readonly number[];
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] extends readonly (infer Item)[] ? Item[] : Value[Key] };

const placeOf = ({ transactionHash, blockNumber, logIndex }: RoundEvent): Place => ({ transaction: transactionHash, block: blockNumber, logIndex });

function apply(trace: Mutable<RoundTrace>, event: RoundEvent): void {
  const place = placeOf(event);
  switch (event.eventName) {
    case "RoundSealed": {
      const { attempt, parentRound, sealHash, weightsHash, signers } = event.args;
      trace.seals.push({ ...place, attempt, parent: parentRound, sealHash, weightsHash, signers });
      trace.state = "sealed";
      break;
    }
    case "RoundReported": {
      const { attempt, reportHash, report, signers, deadline } = event.args;
      trace.reports.push({ ...place, attempt, reportHash, ...report, signers, deadline });
      trace.state = "reported";
      break;
    }
    case "RoundFinalised":
      [trace.final, trace.state] = [place, "final"];
      break;
    case "RoundReopened":
      trace.reopened.push(place);
      trace.state = "open";
      break;
    case "RoundVoided": {
      [trace.voided, trace.state] = [{ ...place, reason: event.args.reason }, "void"];
      const last = trace.faults.at(-1);
      if (last?.transaction === place.transaction) trace.faults.splice(-1, 1, { ...last, next: "void" });
      break;
    }
    case "FaultProven": {
      const { attempt, kind, challenger, liable } = event.args;
      const isReport = kind === 1;
      trace.faults.push({ ...place, attempt, kind: isReport ? "report" : "seal", challenger, liable, next: isReport ? "sealed" : "open" });
      trace.state = isReport ? "sealed" : "open";
      break;
    }
    case "ContributionForced":
      trace.forced.push(event.args.seat);
      break;
    default:
  }
}

/** Every round of a federation that has events, in order of its number. @param events In the chain's order. */
export function traceRounds(events: readonly RoundEvent[], federation: number): readonly RoundTrace[] {
  const traces = new Map<number, Mutable<RoundTrace>>();
  for (const event of events) {
    if (event.args.federation !== federation) continue;
    const { round } = event.args;
    const trace = traces.get(round) ?? { round, state: "open", seals: [], reports: [], faults: [], reopened: [], final: undefined, voided: undefined, forced: [] };
    traces.set(round, trace);
    apply(trace, event);
  }
  return [...traces.values()].toSorted((a, b) => a.round - b.round);
}

/** The seal and the report that count: those of the last attempt, as long as nothing overturned them. */
export const currentSeal = ({ seals, state }: RoundTrace): SealTrace | undefined => (state === "open" ? undefined : seals.at(-1));
export const currentReport = ({ reports, state }: RoundTrace): ReportTrace | undefined => (state === "reported" || state === "final" ? reports.at(-1) : undefined);

/** Whether the round still stands on a chain without void rounds and leads to what is trained on now. @param tip Round that the next seal extends. */
export function roundsToTip(traces: readonly RoundTrace[], tip: number): ReadonlySet<number> {
  const parents = new Map(traces.map((trace) => [trace.round, trace.seals.at(-1)?.parent]));
  const line = new Set<number>();
  for (let round: number | undefined = tip; round !== undefined && !line.has(round); round = parents.get(round)) line.add(round);
  return line;
}
