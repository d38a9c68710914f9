/** The ledger's history by federation: its rounds, settlements, seats and claims, each with the transaction that wrote it. Pure. */
import type { Address, Hex } from "viem";
import { pointsVaultAbi, rewardsVaultAbi, roundsAbi, seatsAbi, settlementAbi, treasuryAbi } from "../../../protocol/abi/index.ts";
import type { Deployment } from "../../../protocol/deployment.ts";
import type { FederationConfig, SettlementStatement } from "../../../protocol/eip712/structs.ts";
import type { HistoryEntry } from "./history-entry.ts";
import { eventsIn } from "./events.ts";

/** Where something was written. */
export interface Place {
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly logIndex: number;
  readonly transactionHash: Hex;
}

export interface SealRecord extends Place {
  readonly sealHash: Hex;
  readonly weightsHash: Hex;
  readonly attempt: number;
  /** Seats whose entry got no weight, with `ISeats.DropReason`. */
  readonly dropped: ReadonlyMap<number, number>;
}

export interface ReportRecord extends Place {
  readonly reportHash: Hex;
  readonly modelRoot: Hex;
  readonly metricsHash: Hex;
  readonly excluded: bigint;
  readonly artefact: Hex;
  /** Before it, the report could be disproven. */
  readonly deadline: bigint;
}

export interface RoundHistory {
  readonly round: number;
  readonly seals: readonly SealRecord[];
  readonly reports: readonly ReportRecord[];
  readonly finalised: (Place & { readonly reportHash: Hex }) | undefined;
  readonly voided: Place | undefined;
}

export interface SettlementRecord extends SettlementStatement {
  readonly pool: bigint;
  readonly deadline: bigint;
  readonly proposed: Place;
  readonly finalised: (Place & { readonly carry: bigint }) | undefined;
}

export interface ClaimRecord extends Place {
  readonly seat: number;
  readonly payee: Address;
  readonly recipient: Address;
  readonly amount: bigint;
  readonly cumulative: bigint;
}

export interface SeatRecord extends Place {
  readonly seat: number;
  readonly contributor: number;
  readonly dataset: number;
  readonly weight: number;
}

export interface ConfigRecord extends Place {
  readonly config: FederationConfig;
}

/** @param rate 10^−18 SHU for 10^18 points; 0 while no token is attached. */
export interface PointsState {
  readonly rate: bigint;
}

export interface FederationHistory {
  readonly federation: number;
  /** In force one after the other; the first is what the federation began with. */
  readonly configs: readonly ConfigRecord[];
  readonly genesis: { readonly modelRoot: Hex; readonly artefact: Hex; readonly genesisHash: Hex };
  readonly rounds: readonly RoundHistory[];
  /** Those that stand: of one that was overturned, the proposal that took its place. */
  readonly settlements: readonly SettlementRecord[];
  readonly vault: Address | undefined;
  /** Undefined when it earns SHU. Amounts of settlements are points otherwise, and stay so when a token is attached. */
  readonly points: PointsState | undefined;
  readonly claims: readonly ClaimRecord[];
  readonly seats: readonly SeatRecord[];
}

function placeOf({ blockNumber, logIndex, transactionHash, ...rest }: Place): Place {
  return { blockNumber, logIndex, transactionHash, blockHash: rest.blockHash };
}

export function isAfter(a: Place, b: Place): boolean {
  return a.blockNumber === b.blockNumber ? a.logIndex > b.logIndex : a.blockNumber > b.blockNumber;
}

type Own = <Event extends { readonly args: { readonly federation: number } }>(events: readonly Event[]) => readonly Event[];

function roundEvents(entries: readonly HistoryEntry[], address: Address) {
  const events = { address, abi: roundsAbi } as const;
  return {
    created: eventsIn(entries, { ...events, eventName: "FederationCreated" }),
    changed: eventsIn(entries, { ...events, eventName: "FederationReconfigured" }),
    sealed: eventsIn(entries, { ...events, eventName: "RoundSealed" }),
    reported: eventsIn(entries, { ...events, eventName: "RoundReported" }),
    finalised: eventsIn(entries, { ...events, eventName: "RoundFinalised" }),
    voided: eventsIn(entries, { ...events, eventName: "RoundVoided" }),
  };
}

function payEvents(entries: readonly HistoryEntry[], { seats, settlement, treasury }: Deployment["contracts"]) {
  const settlements = { address: settlement, abi: settlementAbi } as const;
  return {
    granted: eventsIn(entries, { address: seats, abi: seatsAbi, eventName: "SeatGranted" }),
    dropped: eventsIn(entries, { address: seats, abi: seatsAbi, eventName: "EntryDropped" }),
    proposed: eventsIn(entries, { ...settlements, eventName: "SettlementProposed" }),
    finalised: eventsIn(entries, { ...settlements, eventName: "SettlementFinalised" }),
    overturned: eventsIn(entries, { ...settlements, eventName: "SettlementOverturned" }),
    opened: eventsIn(entries, { address: treasury, abi: treasuryAbi, eventName: "VaultOpened" }),
    inPoints: eventsIn(entries, { address: treasury, abi: treasuryAbi, eventName: "PointsOpened" }),
    attached: eventsIn(entries, { address: treasury, abi: treasuryAbi, eventName: "TokenAttached" }),
  };
}

function roundsOf(own: Own, rounds: ReturnType<typeof roundEvents>, pay: ReturnType<typeof payEvents>): RoundHistory[] {
  const byRound = <Event extends { readonly args: { readonly federation: number; readonly round: number } }>(events: readonly Event[]) =>
    Map.groupBy(own(events), ({ args }) => args.round);
  const [sealed, reported, finalised, voided, dropped] = [byRound(rounds.sealed), byRound(rounds.reported), byRound(rounds.finalised), byRound(rounds.voided), byRound(pay.dropped)];
  const numbers = [...new Set([...sealed.keys(), ...voided.keys()])].toSorted((a, b) => a - b);
  return numbers.map((round): RoundHistory => {
    const end = finalised.get(round)?.at(-1);
    const voidEnd = voided.get(round)?.at(-1);
    return {
      round,
      seals: (sealed.get(round) ?? []).map((event) => ({
        ...placeOf(event),
        sealHash: event.args.sealHash,
        weightsHash: event.args.weightsHash,
        attempt: event.args.attempt,
        dropped: new Map((dropped.get(round) ?? []).filter((drop) => drop.transactionHash === event.transactionHash).map(({ args }) => [args.seat, args.reason])),
      })),
      reports: (reported.get(round) ?? []).map((event) => ({ ...placeOf(event), ...event.args.report, reportHash: event.args.reportHash, deadline: event.args.deadline })),
      finalised: end === undefined ? undefined : { ...placeOf(end), reportHash: end.args.reportHash },
      voided: voidEnd === undefined ? undefined : placeOf(voidEnd),
    };
  });
}

function settlementsOf(own: Own, pay: ReturnType<typeof payEvents>): SettlementRecord[] {
  const latest = new Map(own(pay.proposed).map((event) => [event.args.index, event]));
  const ends = new Map(own(pay.finalised).map((event) => [event.args.index, event]));
  const falls = new Map(own(pay.overturned).map((event) => [event.args.index, event]));
  return [...latest.values()].flatMap((event): SettlementRecord[] => {
    const { index, statement, pool, deadline } = event.args;
    const fall = falls.get(index);
    if (fall !== undefined && isAfter(fall, event)) return [];
    const end = ends.get(index);
    const finalised = end === undefined ? undefined : { ...placeOf(end), carry: end.args.carry };
    return [{ ...statement, pool, deadline, proposed: placeOf(event), finalised }];
  });
}

/** @param entries Of the whole ledger, in order. */
export function readBook(entries: readonly HistoryEntry[], { contracts }: Deployment): readonly FederationHistory[] {
  const rounds = roundEvents(entries, contracts.rounds);
  const pay = payEvents(entries, contracts);
  return rounds.created.map((created): FederationHistory => {
    const { federation, config, genesisHash, modelRoot, artefact } = created.args;
    const own: Own = (events) => events.filter(({ args }) => args.federation === federation);
    const vault = own(pay.opened).at(-1)?.args.vault;
    const claims = vault === undefined ? [] : eventsIn(entries, { address: vault, abi: rewardsVaultAbi, eventName: "Claimed" });
    const points = own(pay.inPoints).length === 0 ? undefined : { rate: own(pay.attached).at(-1)?.args.rate ?? 0n };
    // Beside each claim of points stands what it came to.
    const paid = vault === undefined || points === undefined ? [] : eventsIn(entries, { address: vault, abi: pointsVaultAbi, eventName: "PointsPaid" });
    const paidFor = new Map(paid.map(({ transactionHash, args }) => [`${transactionHash}:${args.index}`, args.paid]));
    return {
      federation,
      configs: [{ ...placeOf(created), config }, ...own(rounds.changed).map((event) => ({ ...placeOf(event), config: event.args.config }))],
      genesis: { genesisHash, modelRoot, artefact },
      rounds: roundsOf(own, rounds, pay),
      settlements: settlementsOf(own, pay),
      vault,
      points,
      claims: claims.map((event) => ({ ...placeOf(event), ...event.args, seat: event.args.index, amount: paidFor.get(`${event.transactionHash}:${event.args.index}`) ?? event.args.amount })),
      seats: own(pay.granted).map((event) => {
        const { seat, contributor, dataset, weight } = event.args;
        return { ...placeOf(event), seat, contributor, dataset, weight };
      }),
    };
  });
}

/** The configuration that was in force just before something was written. */
export function configAt({ configs }: FederationHistory, place: Place): FederationConfig | undefined {
  return configs.findLast((record) => isAfter(place, record))?.config;
}

/** What a settlement is paid by: the configuration in force at the seal of the last final round that it covers. */
export function configOf(history: FederationHistory, record: Pick<SettlementRecord, "firstRound" | "lastRound">): FederationConfig | undefined {
  const seal = coveredRounds(history, record).findLast(({ report }) => report !== undefined)?.seal;
  return seal && configAt(history, seal);
}

/** A round that a settlement covers, as the ledger holds it. */
export interface CoveredRound {
  readonly round: number;
  /** Undefined for a void round, which counts for nothing. */
  readonly report: ReportRecord | undefined;
  readonly seal: SealRecord | undefined;
  readonly finalised: Place | undefined;
}

export function coveredRounds({ rounds }: FederationHistory, { firstRound, lastRound }: Pick<SettlementRecord, "firstRound" | "lastRound">): readonly CoveredRound[] {
  return rounds
    .filter(({ round }) => round >= firstRound && round <= lastRound)
    .map(({ round, seals, reports, finalised, voided }): CoveredRound => {
      const report = voided !== undefined ? undefined : reports.findLast(({ reportHash }) => reportHash === finalised?.reportHash);
      const seal = report === undefined ? undefined : seals.findLast((record) => isAfter(report, record));
      return { round, report, seal, finalised: report === undefined ? undefined : finalised };
    });
}
