/** What was disputed about a round, and what came of it: events of several contracts that belong together by transaction or id. Pure. */
import { encodeAbiParameters, keccak256 } from "viem";
import type { Address, Hex } from "viem";
import type { arbitrationAbi, attestationsAbi, demandsAbi, disputesAbi, loneReportsAbi, operatorsAbi, postingsAbi } from "../../../../protocol/abi/index.ts";
import type { LedgerEvent } from "../../chain/events.ts";
import type { FaultTrace, RoundTrace } from "../../rounds/trace.ts";

export type DisputeWon = LedgerEvent<typeof disputesAbi, "DisputeWon">;
export type Slashed = LedgerEvent<typeof operatorsAbi, "Slashed">;
export type BondSlashed = LedgerEvent<typeof loneReportsAbi, "BondSlashed">;
export type DemandEvent = LedgerEvent<typeof demandsAbi, "DataDemanded" | "DataAnswered" | "DemandExpired" | "DepositReturned">;
export type Attested = LedgerEvent<typeof attestationsAbi, "RoundAttested" | "RoundApproved">;
export type Posted = LedgerEvent<typeof postingsAbi, "PartPosted">;
export type Challenged = LedgerEvent<typeof arbitrationAbi, "SettlementChallenged" | "ChallengeUpheld" | "ChallengeRejected" | "ChallengeReleased">;

/** Name of a proven fault's slash: as `Rounds.overturn` makes it. */
export function evidenceOf(rounds: Address, federation: number, round: number, { attempt, kind }: Pick<FaultTrace, "attempt" | "kind">): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: "address" }, { type: "uint32" }, { type: "uint32" }, { type: "uint8" }, { type: "uint8" }],
      [rounds, federation, round, attempt, kind === "report" ? 1 : 2],
    ),
  );
}

export interface Loss {
  readonly signer: Address;
  readonly amount: bigint;
}

/** @param verifier Contract that accepted the proof; undefined when a demand was not answered. @param losses Undefined when the epoch's signers are unknown. */
export interface FaultStory {
  readonly fault: FaultTrace;
  readonly verifier: Address | undefined;
  readonly evidence: Hex;
  readonly losses: readonly Loss[];
  readonly toChallenger: bigint;
  readonly toPool: bigint;
  readonly burnt: bigint;
}

const bits = (bitmap: number): number[] => Array.from({ length: 32 }, (_, i) => i).filter((i) => ((bitmap >>> i) & 1) === 1);

/** Signers that a bitmap names. */
export function signersIn(bitmap: number, signers: readonly Address[]): readonly Address[] {
  return bits(bitmap).flatMap((i) => signers[i] ?? []);
}

export interface StoryEvents {
  readonly rounds: Address;
  readonly federation: number;
  readonly won: readonly DisputeWon[];
  readonly slashed: readonly Slashed[];
  readonly bondSlashed: readonly BondSlashed[];
  /** Signers of an epoch, in the set's order. */
  readonly signersOf: (epoch: number) => readonly Address[];
}

export function tellFaults({ round, faults }: RoundTrace, { rounds, federation, won, slashed, bondSlashed, signersOf }: StoryEvents): readonly FaultStory[] {
  return faults.map((fault): FaultStory => {
    const evidence = evidenceOf(rounds, federation, round, fault);
    const verifier = won.find(({ transactionHash }) => transactionHash === fault.transaction)?.args.verifier;
    const slash = slashed.find(({ args }) => args.evidence === evidence)?.args;
    if (slash !== undefined) {
      const losers = signersIn(slash.signers, signersOf(slash.epoch));
      const losses = slash.taken.map((amount, i) => ({ signer: losers[i] ?? ("0x" as Address), amount }));
      return { fault, verifier, evidence, losses, toChallenger: slash.toChallenger, toPool: slash.toPool, burnt: slash.burnt };
    }
    const bond = bondSlashed.find(({ args }) => args.federation === federation && args.round === round && args.attempt === fault.attempt)?.args;
    const [toChallenger, toPool, burnt] = [bond?.toChallenger ?? 0n, bond?.toPool ?? 0n, bond?.burnt ?? 0n];
    return { fault, verifier, evidence, losses: bond === undefined ? [] : [{ signer: bond.reporter, amount: toChallenger + toPool + burnt }], toChallenger, toPool, burnt };
  });
}

export interface DemandStory {
  readonly id: Hex;
  readonly demander: Address;
  readonly attempt: number;
  readonly transaction: Hex;
  readonly fate: "open" | "answered" | "expired" | "returned";
}

/** Demands for data of a round, each with what became of it. */
export function tellDemands(events: readonly DemandEvent[], federation: number, round: number): readonly DemandStory[] {
  const stories = new Map<Hex, DemandStory>();
  for (const event of events) {
    const { id } = event.args;
    const known = stories.get(id);
    if (event.eventName === "DataDemanded") {
      const { demander, attempt } = event.args;
      if (event.args.federation === federation && event.args.round === round) stories.set(id, { id, demander, attempt, transaction: event.transactionHash, fate: "open" });
    } else if (known !== undefined && known.fate === "open") {
      const fate = event.eventName === "DataAnswered" ? "answered" : event.eventName === "DemandExpired" ? "expired" : "returned";
      stories.set(id, { ...known, fate });
    }
  }
  return [...stories.values()];
}
