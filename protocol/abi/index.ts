// Written by `npm run abi` from what the compiler says. Do not edit.
export { chongwenGovernorAbi } from "./chongwen-governor.ts";
export { contributionTokenAbi } from "./contribution-token.ts";
export { contributorsAbi } from "./contributors.ts";
export { datasetsAbi } from "./datasets.ts";
export { disputesAbi } from "./disputes.ts";
export { libraryCardAbi } from "./library-card.ts";
export { operatorsAbi } from "./operators.ts";
export { rewardsVaultAbi } from "./rewards-vault.ts";
export { roundsAbi } from "./rounds.ts";
export { seatsAbi } from "./seats.ts";
export { settlementAbi } from "./settlement.ts";
export { timelockAbi } from "./timelock.ts";
export { treasuryAbi } from "./treasury.ts";
