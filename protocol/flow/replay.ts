/** What a ledger's events leave standing: seats, datasets, rounds and settlements of one federation. Events come in the chain's order. */
import type { Address, Hex, Log } from "viem";
import { parseEventLogs } from "viem/utils";
import { chongwenGovernorAbi, contributorsAbi, datasetsAbi, roundsAbi, seatsAbi, settlementAbi } from "../abi/index.ts";
import type { SettlementStatement } from "../eip712/structs.ts";

/** A log as an endpoint gives it. */
export interface RawLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly transactionHash: Hex;
}

/** Where the events come from: a log of another address is nobody's. */
export interface FlowContracts {
  readonly contributors: Address;
  readonly datasets: Address;
  readonly seats: Address;
  readonly rounds: Address;
  readonly settlement: Address;
  readonly governor: Address;
}

/** @param weight The lane's weight, which the contract fixed from the registered records. */
export interface SeatState {
  readonly contributor: number;
  readonly dataset: number;
  weight: number;
}

export interface DatasetState {
  records: number;
  gate: "open" | "shut" | "unknown";
  held: boolean;
  proposal: string | null;
}

/** @param weights,records Of every seat at the seal: what was offered. @param dropped Reason by seat. */
export interface RoundState {
  state: "sealed" | "reported" | "final" | "void" | "open";
  sealHash: Hex;
  weightsHash: Hex;
  weights: readonly number[];
  records: readonly number[];
  dropped: ReadonlyMap<number, number>;
  report: { readonly hash: Hex; readonly artefact: Hex; readonly modelRoot: Hex; readonly excluded: bigint; readonly transaction: Hex } | null;
}

export interface SettlementState {
  readonly statement: SettlementStatement;
  readonly pool: bigint;
  readonly transaction: Hex;
  state: "proposed" | "final";
}

export interface Replayed {
  readonly organisations: number[];
  /** By contributor. */
  readonly contributors: Map<number, { readonly organisation: number; payee: Address }>;
  readonly datasets: Map<number, DatasetState>;
  readonly seats: SeatState[];
  readonly rounds: Map<number, RoundState>;
  readonly settlements: Map<number, SettlementState>;
}

const APPROVED = 2;

export function replay(logs: readonly RawLog[], contracts: FlowContracts, federation: number): Replayed {
  const state: Replayed = { organisations: [], contributors: new Map(), datasets: new Map(), seats: [], rounds: new Map(), settlements: new Map() };
  const events = decode(logs, contracts);
  const executed = new Map(events.flatMap((event) => (event.eventName === "ProposalExecuted" ? [[event.transactionHash, event.args.proposalId.toString()] as const] : [])));
  // Entries are dropped just before the seal that drops them.
  let dropped = new Map<number, number>();
  for (const event of events) {
    if ("args" in event && "federation" in event.args && event.args.federation !== federation) continue;
    switch (event.eventName) {
      case "OrganisationAdmitted":
        state.organisations.push(event.args.organisation);
        break;
      case "ContributorRegistered":
        state.contributors.set(event.args.contributor, { organisation: event.args.organisation, payee: event.args.payee });
        break;
      case "PayeeChanged": {
        const contributor = state.contributors.get(event.args.contributor);
        if (contributor !== undefined) contributor.payee = event.args.payee;
        break;
      }
      case "DatasetProposed":
        state.datasets.set(event.args.dataset, { records: event.args.terms.records, gate: "shut", held: false, proposal: null });
        break;
      case "DatasetAmended":
      case "DatasetStatusChanged":
      case "DatasetHeld":
      case "HoldLifted": {
        const dataset = state.datasets.get(event.args.dataset);
        if (dataset === undefined) break;
        if (event.eventName === "DatasetAmended") dataset.records = event.args.terms.records;
        else if (event.eventName === "DatasetStatusChanged") dataset.gate = event.args.status === APPROVED ? "open" : "shut";
        else dataset.held = event.eventName === "DatasetHeld";
        dataset.proposal = executed.get(event.transactionHash) ?? dataset.proposal;
        break;
      }
      case "SeatGranted":
        state.seats[event.args.seat] = { contributor: event.args.contributor, dataset: event.args.dataset, weight: event.args.weight };
        break;
      case "SeatRenewed": {
        const seat = state.seats[event.args.seat];
        if (seat !== undefined) seat.weight = event.args.weight;
        break;
      }
      case "EntryDropped":
        dropped.set(event.args.seat, event.args.reason);
        break;
      case "RoundSealed":
        state.rounds.set(event.args.round, {
          state: "sealed",
          sealHash: event.args.sealHash,
          weightsHash: event.args.weightsHash,
          weights: state.seats.map(({ weight }) => weight),
          records: state.seats.map(({ dataset }) => state.datasets.get(dataset)?.records ?? 0),
          dropped,
          report: null,
        });
        dropped = new Map();
        break;
      default:
        judge(state, event);
    }
  }
  return state;
}

type Decoded = ReturnType<typeof decode>[number];

function decode(logs: readonly RawLog[], contracts: FlowContracts) {
  const abis = [
    [contracts.contributors, contributorsAbi],
    [contracts.datasets, datasetsAbi],
    [contracts.seats, seatsAbi],
    [contracts.rounds, roundsAbi],
    [contracts.settlement, settlementAbi],
    [contracts.governor, chongwenGovernorAbi],
  ] as const;
  const ordered = [...logs].sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
  const byAddress = new Map(abis.map(([address, abi]) => [address.toLowerCase(), abi]));
  return ordered.flatMap((log) => {
    const abi = byAddress.get(log.address.toLowerCase());
    return abi === undefined ? [] : parseEventLogs({ abi, logs: [log as unknown as Log<bigint, number, false>] });
  });
}

/** Reports and settlements, and what overturns them. */
function judge(state: Replayed, event: Decoded): void {
  switch (event.eventName) {
    case "RoundReported": {
      const { reportHash: hash, report } = event.args;
      const { artefact, modelRoot, excluded } = report;
      change(state, event.args.round, { state: "reported", report: { hash, artefact, modelRoot, excluded, transaction: event.transactionHash } });
      break;
    }
    case "RoundFinalised":
      change(state, event.args.round, { state: "final" });
      break;
    case "RoundVoided":
      change(state, event.args.round, { state: "void" });
      break;
    case "FaultProven":
      change(state, event.args.round, { state: "sealed", report: null });
      break;
    case "RoundReopened":
      change(state, event.args.round, { state: "open", report: null });
      break;
    case "SettlementProposed":
      state.settlements.set(event.args.index, { statement: event.args.statement, pool: event.args.pool, transaction: event.transactionHash, state: "proposed" });
      break;
    case "SettlementOverturned":
      state.settlements.delete(event.args.index);
      break;
    case "SettlementFinalised": {
      const settlement = state.settlements.get(event.args.index);
      if (settlement !== undefined) settlement.state = "final";
      break;
    }
    default:
  }
}

function change(state: Replayed, round: number, to: Partial<RoundState>): void {
  const known = state.rounds.get(round);
  if (known !== undefined) Object.assign(known, to);
}
