import type { Abi } from "viem";
import {
  aggregateVerifierAbi, arbitrationAbi, attestationsAbi, chongwenGovernorAbi, commendationsAbi, contributionTokenAbi, contributorsAbi, datasetsAbi, demandsAbi, disputesAbi, freezesAbi, holdoutsAbi, loneReportsAbi,
  normVerifierAbi, operatorsAbi, passkeyAccountsAbi, postingsAbi, predictionVerifierAbi, rewardsVerifierAbi, roundsAbi, seatsAbi, settlementAbi, signatureVerifierAbi, timelockAbi,
  treasuryAbi,
} from "./abi/index.ts";
import type { ContractName } from "./deployment.ts";

/** How each contract of a deployment is spoken to. A contract added to `contractNames` needs its line here, or the compiler refuses; then the indexer has it too. */
export const contractAbis = {
  contributors: contributorsAbi,
  datasets: datasetsAbi,
  seats: seatsAbi,
  treasury: treasuryAbi,
  token: contributionTokenAbi,
  operators: operatorsAbi,
  rounds: roundsAbi,
  settlement: settlementAbi,
  disputes: disputesAbi,
  aggregateVerifier: aggregateVerifierAbi,
  normVerifier: normVerifierAbi,
  signatureVerifier: signatureVerifierAbi,
  predictionVerifier: predictionVerifierAbi,
  rewardsVerifier: rewardsVerifierAbi,
  demands: demandsAbi,
  attestations: attestationsAbi,
  postings: postingsAbi,
  loneReports: loneReportsAbi,
  arbitration: arbitrationAbi,
  holdouts: holdoutsAbi,
  commendations: commendationsAbi,
  freezes: freezesAbi,
  passkeyAccounts: passkeyAccountsAbi,
  timelock: timelockAbi,
  governor: chongwenGovernorAbi,
} as const satisfies Readonly<Record<ContractName, Abi>>;
