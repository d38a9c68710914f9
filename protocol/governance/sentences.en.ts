import type { Sentences } from "./sentences.ts";
import { count, duration, FINALITY, MODES, RULES, shu, type DurationWords } from "./words.ts";

const plural = (unit: string) => (n: number): string => `${n} ${unit}${n === 1 ? "" : "s"}`;
const units: DurationWords = { day: plural("day"), hour: plural("hour"), minute: plural("minute"), second: plural("second"), joint: " " };
const time = (seconds: number | bigint): string => duration(seconds, units);

const owned = (what: string) => ({
  transferOwnership: (to: string) => `Hand over ${what} to ${to}: governance gives up its power over it.`,
  renounceOwnership: () => `Give up ${what} for ever: nobody governs it any more.`,
});

export const sentencesEn: Sentences = {
  datasets: {
    approve: (dataset) => `Approve dataset ${dataset} on the terms that its custodian proposed.`,
    suspend: (dataset) => `Suspend dataset ${dataset}: nothing may use it until it is reinstated.`,
    reinstate: (dataset) => `Reinstate dataset ${dataset}: it may be used again.`,
    retire: (dataset) => `Retire dataset ${dataset} for ever.`,
    amend: (dataset, terms) =>
      `Accept new terms of dataset ${dataset}: ${count(terms.records)} records, consent version ${terms.consentVersion}, ${terms.exempt ? "public data" : `at most ${count(terms.privacyCap)} nano-rho`}. Its seats stop until they are renewed.`,
    changeCouncil: (council) => `Appoint ${council} as ethics council.`,
    changeSeats: (seats) => `Let the dataset register tell another contract of seats: ${seats}.`,
    ...owned("the dataset register"),
  },
  seats: {
    grant: (federation, contributor, dataset, budget) =>
      `Grant contributor ${contributor} a seat in federation ${federation} from dataset ${dataset}, with ${budget} nano-rho.`,
    grantSupport: (federation, contributor) =>
      `Grant contributor ${contributor} a support seat in federation ${federation}: for work without data, such as labelling, verifying or computing.`,
    renew: (federation, seat, budget) => `Renew seat ${seat} of federation ${federation} for its dataset's present version, with ${budget} nano-rho more.`,
    revoke: (federation, seat) => `Revoke seat ${seat} of federation ${federation} for ever.`,
    changeLedger: (ledger) => `Let another contract charge seats: ${ledger}.`,
    ...owned("the register of seats"),
  },
  contributors: {
    admitOrganisation: (account, officerA, officerB, cluster) =>
      `Admit an organisation with account ${account} and officers ${officerA} and ${officerB}${cluster === 0 ? "" : `, in cluster ${cluster}`}.`,
    replaceOfficers: (organisation, officerA, officerB) => `Replace the officers of organisation ${organisation} by ${officerA} and ${officerB}.`,
    revokeLibraryCard: (organisation) => `Take the library card, and with it the vote as an organisation, from organisation ${organisation}.`,
    restoreLibraryCard: (organisation) => `Give organisation ${organisation} its library card back.`,
    changeSeats: (seats) => `Let the register of contributors tell another contract of suspensions: ${seats}.`,
    suspend: (contributor) => `Suspend contributor ${contributor}: all of its seats stop.`,
    reinstate: (contributor) => `Reinstate contributor ${contributor}.`,
    ...owned("the register of contributors"),
  },
  operators: {
    admit: (operator, organisation) => `Admit ${operator} of organisation ${organisation} as operator.`,
    remove: (operator) => `Remove operator ${operator}.`,
    formEpoch: (operators, threshold, roundUnits, settlementUnits) =>
      `Form a new epoch of ${operators.length} operators, of whom ${threshold} must sign: ${operators.join(", ")}; bonded for ${roundUnits} rounds and ${settlementUnits} settlements at a time.`,
    changeLedgers: (rounds, settlement) => `Let other contracts slash operators: ${rounds} for rounds, ${settlement} for settlements.`,
    ...owned("the register of operators"),
  },
  rounds: {
    createFederation: (config) =>
      `Create a federation: rule ${RULES[config.ruleId] ?? config.ruleId}, privacy mode ${MODES[config.privacyMode] ?? config.privacyMode}, at least ${config.minContributors} contributors, ${shu(config.poolPerRound)} SHU a round, finality ${FINALITY[config.finality] ?? config.finality}.`,
    reconfigure: (federation, config) =>
      `Reconfigure federation ${federation}: rule ${RULES[config.ruleId] ?? config.ruleId}, privacy mode ${MODES[config.privacyMode] ?? config.privacyMode}, at least ${config.minContributors} contributors, ${shu(config.poolPerRound)} SHU a round, finality ${FINALITY[config.finality] ?? config.finality}.`,
    changeJudge: (judge, appointed) => `${appointed ? "Appoint" : "Dismiss"} ${judge} as judge over rounds, who can overturn them.`,
    changeLoneReports: (loneReports) => `Let another contract bring reports of a single party: ${loneReports}.`,
    ...owned("the ledger of rounds"),
  },
  settlement: {
    changeJudge: (judge, appointed) => `${appointed ? "Appoint" : "Dismiss"} ${judge} as judge over settlements, who can overturn them.`,
    ...owned("the settlements"),
  },
  disputes: {
    changeVerifier: (verifier, trusted) => `${trusted ? "Trust" : "No longer trust"} ${verifier} to verify fault proofs.`,
    ...owned("the disputes"),
  },
  attestations: {
    appoint: (federation, attesters, threshold) =>
      `Appoint ${attesters.length} attesters for federation ${federation}, of whom ${threshold} must sign${attesters.length === 0 ? "" : `: ${attesters.join(", ")}`}.`,
    approve: (federation, round, attempt) => `Approve the report of round ${round} of federation ${federation}, attempt ${attempt + 1}.`,
    ...owned("the attestations"),
  },
  arbitration: {
    rule: (federation, index, attempt, upheld) =>
      `Rule that the challenge of settlement ${index} of federation ${federation}, attempt ${attempt + 1}, is ${upheld ? "right: the settlement is overturned" : "wrong: the settlement stands"}.`,
    ...owned("the arbitration"),
  },
  holdouts: {
    changeCustodian: (federation, custodian, appointed) =>
      `${appointed ? "Appoint" : "Dismiss"} ${custodian} as custodian of holdouts of federation ${federation}, who chooses what its contributions are judged by.`,
    ...owned("the register of holdouts"),
  },
  freezes: {
    lift: (federation) => `End the ethics council's freeze of federation ${federation} now.`,
    ...owned("the freezes"),
  },
  treasury: {
    reserve: (federation, amount) => `Reserve ${shu(amount)} SHU for federation ${federation}.`,
    openPoints: (federation) => `Let federation ${federation} earn points, to which a token can be attached later.`,
    attachToken: (federation, rate) => `Attach SHU to the points of federation ${federation} for ever: ${shu(rate)} SHU for each point, earned before or after.`,
    changeSettlement: (settlement) => `Let another contract credit rewards: ${settlement}.`,
    ...owned("the treasury"),
  },
  token: {
    transfer: (to, amount) => `Pay ${shu(amount)} SHU of the timelock to ${to}.`,
    approve: (spender, amount) => `Let ${spender} spend up to ${shu(amount)} SHU of the timelock.`,
    delegate: (delegatee) => `Delegate the timelock's own votes to ${delegatee}.`,
    burn: (amount) => `Burn ${shu(amount)} SHU of the timelock.`,
  },
  governor: {
    setVotingDelay: (seconds) => `Let votes begin ${time(seconds)} after a proposal.`,
    setVotingPeriod: (seconds) => `Let votes last ${time(seconds)}.`,
    setProposalThreshold: (votes) => `Ask for ${shu(votes)} votes to make a proposal.`,
    updateQuorumNumerator: (percent) => `Set the quorum to ${percent} % of all SHU.`,
    setLateQuorumVoteExtension: (seconds) => `Leave at least ${time(seconds)} to answer when the quorum is reached late.`,
    updateTimelock: (timelock) => `Put another timelock in the place of this one: ${timelock}.`,
    relay: (target, value, data) => `Let the governor itself call ${target} with ${value} wei and the data ${data}.`,
  },
  timelock: {
    updateDelay: (seconds) => `Let ${time(seconds)} pass between a vote and its execution.`,
    grantRole: (role, account) => `Give ${account} the timelock's role ${roleName(role)}.`,
    revokeRole: (role, account) => `Take the timelock's role ${roleName(role)} from ${account}.`,
    renounceRole: (role, account) => `Let ${account} give up the timelock's role ${roleName(role)}.`,
  },
  other: (contract, functionName, args) => `Call ${functionName}(${args}) of the contract “${contract}”, which is no act of governance.`,
  unknownCall: (contract) => `Call the contract “${contract}” with data that it does not understand.`,
  unknownContract: (target) => `Call ${target}, which is no contract of this ledger.`,
  withValue: (wei) => `Also sends ${wei} wei.`,
};

function roleName(role: string): string {
  return ROLE_NAMES[role] ?? role;
}

/** As OpenZeppelin's TimelockController names them: keccak-256 of the name, and zero for the administrator. */
export const ROLE_NAMES: Readonly<Record<string, string>> = {
  "0x0000000000000000000000000000000000000000000000000000000000000000": "DEFAULT_ADMIN_ROLE",
  "0xb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc1": "PROPOSER_ROLE",
  "0xd8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e63": "EXECUTOR_ROLE",
  "0xfd643c72710c63c0180259aba6b2d05451e3591a24e58b62239378085726f783": "CANCELLER_ROLE",
};
