/** What governance can do: the functions of the kernel that only the timelock may call, and a few that it may call like anyone. */
import type { Abi, ContractFunctionArgs, ContractFunctionName } from "viem";
import {
  arbitrationAbi,
  attestationsAbi,
  chongwenGovernorAbi,
  contributionTokenAbi,
  contributorsAbi,
  datasetsAbi,
  disputesAbi,
  freezesAbi,
  holdoutsAbi,
  operatorsAbi,
  roundsAbi,
  seatsAbi,
  settlementAbi,
  timelockAbi,
  treasuryAbi,
} from "../abi/index.ts";

export const GOVERNED_ABIS = {
  datasets: datasetsAbi,
  seats: seatsAbi,
  contributors: contributorsAbi,
  operators: operatorsAbi,
  rounds: roundsAbi,
  settlement: settlementAbi,
  disputes: disputesAbi,
  attestations: attestationsAbi,
  arbitration: arbitrationAbi,
  holdouts: holdoutsAbi,
  freezes: freezesAbi,
  treasury: treasuryAbi,
  token: contributionTokenAbi,
  governor: chongwenGovernorAbi,
  timelock: timelockAbi,
} as const;
export type GovernedContract = keyof typeof GOVERNED_ABIS;

const OWNED = ["transferOwnership", "renounceOwnership"] as const;

/** A test finds these functions in the contracts' sources, so that none is forgotten. */
export const GOVERNED = {
  datasets: ["approve", "suspend", "reinstate", "retire", "amend", "changeCouncil", "changeSeats", ...OWNED],
  seats: ["grant", "grantSupport", "renew", "revoke", "changeLedger", ...OWNED],
  contributors: ["admitOrganisation", "replaceOfficers", "revokeLibraryCard", "restoreLibraryCard", "changeSeats", "suspend", "reinstate", ...OWNED],
  operators: ["admit", "remove", "formEpoch", "changeLedgers", ...OWNED],
  rounds: ["createFederation", "reconfigure", "changeJudge", "changeLoneReports", ...OWNED],
  settlement: ["changeJudge", ...OWNED],
  disputes: ["changeVerifier", ...OWNED],
  attestations: ["appoint", "approve", ...OWNED],
  arbitration: ["rule", ...OWNED],
  holdouts: ["changeCustodian", ...OWNED],
  freezes: ["lift", ...OWNED],
  treasury: ["reserve", "openPoints", "attachToken", "changeSettlement", ...OWNED],
  // Like any holder: what the timelock was given, it can give away.
  token: ["transfer", "approve", "delegate", "burn"],
  governor: ["setVotingDelay", "setVotingPeriod", "setProposalThreshold", "updateQuorumNumerator", "setLateQuorumVoteExtension", "updateTimelock", "relay"],
  timelock: ["updateDelay", "grantRole", "revokeRole", "renounceRole"],
} as const satisfies { readonly [C in GovernedContract]: readonly string[] };

export type GovernedFunction<C extends GovernedContract> = (typeof GOVERNED)[C][number];
type Mutability = "nonpayable" | "payable";
type Args<A extends Abi, F> = F extends ContractFunctionName<A, Mutability> ? ContractFunctionArgs<A, Mutability, F> : never;
export type GovernedArgs<C extends GovernedContract, F extends GovernedFunction<C>> = Extract<Args<(typeof GOVERNED_ABIS)[C], F>, readonly unknown[]>;

/** Something for each governed function: the compiler refuses a table that lacks one. */
export type ForEach<Value> = { readonly [C in GovernedContract]: { readonly [F in GovernedFunction<C>]: Value } };

/** Whether it can be taken back by another vote, or gives power over part of the ledger to an address. */
export type Gravity = "reversible" | "permanent" | "power";

const OWNERSHIP = { transferOwnership: "power", renounceOwnership: "permanent" } as const;

export const GRAVITY: ForEach<Gravity> = {
  datasets: {
    approve: "reversible", suspend: "reversible", reinstate: "reversible", retire: "permanent", amend: "reversible",
    changeCouncil: "power", changeSeats: "power", ...OWNERSHIP,
  },
  seats: { grant: "reversible", grantSupport: "reversible", renew: "reversible", revoke: "permanent", changeLedger: "power", ...OWNERSHIP },
  contributors: {
    admitOrganisation: "reversible", replaceOfficers: "power", revokeLibraryCard: "reversible", restoreLibraryCard: "reversible",
    changeSeats: "power", suspend: "reversible", reinstate: "reversible", ...OWNERSHIP,
  },
  operators: { admit: "reversible", remove: "reversible", formEpoch: "reversible", changeLedgers: "power", ...OWNERSHIP },
  rounds: { createFederation: "permanent", reconfigure: "reversible", changeJudge: "power", changeLoneReports: "power", ...OWNERSHIP },
  settlement: { changeJudge: "power", ...OWNERSHIP },
  disputes: { changeVerifier: "power", ...OWNERSHIP },
  attestations: { appoint: "reversible", approve: "permanent", ...OWNERSHIP },
  arbitration: { rule: "permanent", ...OWNERSHIP },
  holdouts: { changeCustodian: "reversible", ...OWNERSHIP },
  freezes: { lift: "permanent", ...OWNERSHIP },
  treasury: { reserve: "permanent", openPoints: "permanent", attachToken: "permanent", changeSettlement: "power", ...OWNERSHIP },
  token: { transfer: "permanent", approve: "power", delegate: "reversible", burn: "permanent" },
  governor: {
    setVotingDelay: "reversible", setVotingPeriod: "reversible", setProposalThreshold: "reversible", updateQuorumNumerator: "reversible",
    setLateQuorumVoteExtension: "reversible", updateTimelock: "power", relay: "power",
  },
  timelock: { updateDelay: "reversible", grantRole: "power", revokeRole: "power", renounceRole: "power" },
};
