/** What each operator signed, and what became of it: from the ledger's events alone. Pure. */
import type { Address } from "viem";
import type { operatorsAbi, settlementAbi } from "../../../../protocol/abi/index.ts";
import type { LedgerEvent } from "../../chain/events.ts";
import type { RoundEvent } from "../../rounds/trace.ts";

export type OperatorEvent = LedgerEvent<typeof operatorsAbi, "OperatorAdmitted" | "OperatorRemoved" | "EpochFormed" | "Slashed" | "Bonded" | "UnbondingStarted" | "Withdrawn">;
export type SettlementEvent = LedgerEvent<typeof settlementAbi, "SettlementProposed" | "SettlementFinalised" | "SettlementOverturned">;

export interface EpochTrace {
  readonly number: number;
  readonly signers: readonly Address[];
  readonly threshold: number;
  readonly roundUnits: number;
  readonly settlementUnits: number;
  readonly block: bigint;
}

/** @param signed Seals, reports and settlements with this operator's signature. @param waiting Neither final nor overturned nor void so far. */
export interface OperatorRecord {
  readonly operator: Address;
  readonly organisation: number;
  readonly admitted: boolean;
  readonly signed: number;
  readonly final: number;
  readonly overturned: number;
  readonly waiting: number;
  readonly slashed: bigint;
}

interface Moment {
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

const isBefore = (a: Moment, b: Moment): boolean => (a.blockNumber === b.blockNumber ? a.logIndex < b.logIndex : a.blockNumber < b.blockNumber);

export function epochsIn(events: readonly OperatorEvent[]): readonly (EpochTrace & Moment)[] {
  return events.flatMap((event) => {
    if (event.eventName !== "EpochFormed") return [];
    const { epoch, operators, threshold, roundUnits, settlementUnits } = event.args;
    const { blockNumber, logIndex } = event;
    return [{ number: epoch, signers: operators, threshold, roundUnits, settlementUnits, block: blockNumber, blockNumber, logIndex }];
  });
}

type Fate = "waiting" | "final" | "overturned" | "void";

/** A statement under a key, its signers, and its fate: the last one that the events give it. */
interface Statement {
  readonly signers: readonly Address[];
  fate: Fate;
}

const signersOf = (bitmap: number, signers: readonly Address[]): readonly Address[] => signers.filter((_, i) => ((bitmap >>> i) & 1) === 1);

/** Every statement that a quorum signed. What a seal fault takes down with it is void, not overturned: its reporters could not know. */
function statementsIn(epochs: readonly (EpochTrace & Moment)[], rounds: readonly RoundEvent[], settlements: readonly SettlementEvent[]): readonly Statement[] {
  const open = new Map<string, Statement>();
  const all: Statement[] = [];
  const sign = (key: string, bitmap: number, moment: Moment): void => {
    const epoch = epochs.findLast((each) => isBefore(each, moment));
    const statement: Statement = { signers: signersOf(bitmap, epoch?.signers ?? []), fate: "waiting" };
    open.set(key, statement);
    all.push(statement);
  };
  const end = (key: string, fate: Fate): void => {
    const statement = open.get(key);
    if (statement?.fate === "waiting") statement.fate = fate;
  };
  for (const event of rounds) {
    const key = `${event.args.federation}.${event.args.round}`;
    if (event.eventName === "RoundSealed") sign(`seal ${key}`, event.args.signers, event);
    else if (event.eventName === "RoundReported") sign(`report ${key}`, event.args.signers, event);
    else if (event.eventName === "RoundFinalised") for (const kind of ["seal", "report"]) end(`${kind} ${key}`, "final");
    else if (event.eventName === "RoundReopened" || event.eventName === "RoundVoided") for (const kind of ["seal", "report"]) end(`${kind} ${key}`, "void");
    else if (event.eventName === "FaultProven") {
      end(`${event.args.kind === 1 ? "report" : "seal"} ${key}`, "overturned");
      if (event.args.kind !== 1) end(`report ${key}`, "void");
    }
  }
  for (const event of settlements) {
    const key = `settlement ${event.args.federation}.${event.args.index}`;
    if (event.eventName === "SettlementProposed") sign(key, event.args.signers, event);
    else end(key, event.eventName === "SettlementFinalised" ? "final" : "overturned");
  }
  return all;
}

const same = (a: Address, b: Address): boolean => a.toLowerCase() === b.toLowerCase();

/** Everybody who was ever admitted, in the order of admission. Events in the chain's order. */
export function operatorRecords(operators: readonly OperatorEvent[], rounds: readonly RoundEvent[], settlements: readonly SettlementEvent[]): readonly OperatorRecord[] {
  const epochs = epochsIn(operators);
  const statements = statementsIn(epochs, rounds, settlements);
  const people = new Map<string, { operator: Address; organisation: number; admitted: boolean }>();
  for (const event of operators) {
    if (event.eventName === "OperatorAdmitted") people.set(event.args.operator.toLowerCase(), { ...event.args, admitted: true });
    const known = event.eventName === "OperatorRemoved" ? people.get(event.args.operator.toLowerCase()) : undefined;
    if (known !== undefined) known.admitted = false;
  }
  const slashes = operators.flatMap((event) => {
    if (event.eventName !== "Slashed") return [];
    const signers = signersOf(event.args.signers, epochs.find(({ number }) => number === event.args.epoch)?.signers ?? []);
    return event.args.taken.map((amount, i) => ({ signer: signers[i], amount }));
  });
  return [...people.values()].map(({ operator, organisation, admitted }) => {
    const own = statements.filter(({ signers }) => signers.some((signer) => same(signer, operator)));
    const count = (fate: Fate): number => own.filter((statement) => statement.fate === fate).length;
    const slashed = slashes.reduce((sum, { signer, amount }) => sum + (signer !== undefined && same(signer, operator) ? amount : 0n), 0n);
    return { operator, organisation, admitted, signed: own.length, final: count("final"), overturned: count("overturned"), waiting: count("waiting"), slashed };
  });
}
