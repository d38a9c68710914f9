/** What each act of a proposal would change, or has changed, read as of one block. */
import type { Address } from "viem";
import { readContract } from "viem/actions";
import {
  attestationsAbi, chongwenGovernorAbi, contributionTokenAbi, contributorsAbi, datasetsAbi, disputesAbi, freezesAbi, holdoutsAbi, libraryCardAbi, operatorsAbi, roundsAbi, seatsAbi, settlementAbi, timelockAbi, treasuryAbi,
} from "../../../../../protocol/abi/index.ts";
import { isSupportSeat } from "../../../../../protocol/seats.ts";
import type { DecodedAction, GovernedAction } from "../../../../../protocol/governance/decode.ts";
import { pointsWorth } from "../../../../../protocol/rewards/points.ts";
import type { Affected, Cell, Change, Row } from "./cells.ts";
import { cell, NOBODY } from "./cells.ts";
import { configRows } from "./config.ts";
import { amendment, statusChange } from "./datasets.ts";
import type { Facts } from "./facts.ts";
import { datasetsOf, EMPTY, organisationOfContributor, readConfig, readDataset, readSeats } from "./facts.ts";

type Of<C extends GovernedAction["contract"]> = Extract<GovernedAction, { contract: C }>;

/** Status of a support seat that nothing stops: granted, and never eligible for a seal. */
const SUPPORT = 17;

const row = (label: string, before: Cell | undefined, after: Cell | undefined, subject?: string | number): Row => ({ label, before, after, ...(subject !== undefined && { subject: String(subject) }) });
const change = (rows: readonly Row[], affected: Partial<Affected> = {}): Change => ({ rows, affected: { ...NOBODY, ...affected } });
const addressCell = (address: string): Cell => (address === EMPTY ? cell.word("none") : cell.hash(address));

/** @returns undefined for an act whose effect this page cannot show as values: its sentence stands alone. */
export async function readChange(facts: Facts, action: DecodedAction): Promise<Change | undefined> {
  if (action.kind !== "governed") return undefined;
  if (action.functionName === "transferOwnership" || action.functionName === "renounceOwnership") return ownership(facts, action);
  switch (action.contract) {
    case "datasets":
      return datasets(facts, action);
    case "seats":
      return seats(facts, action);
    case "contributors":
      return contributors(facts, action);
    case "operators":
      return operators(facts, action);
    case "rounds":
      return rounds(facts, action);
    case "settlement":
    case "disputes":
    case "attestations":
    case "holdouts":
    case "freezes":
      return judges(facts, action);
    case "treasury":
      return treasury(facts, action);
    case "token":
      return token(facts, action);
    case "governor":
    case "timelock":
      return settings(facts, action);
    case "arbitration":
      return undefined;
  }
}

async function ownership({ ledger: { client, deployment }, blockNumber }: Facts, { contract, functionName, args }: GovernedAction): Promise<Change> {
  const owner = await readContract(client, { address: deployment.contracts[contract], abi: datasetsAbi, functionName: "owner", blockNumber });
  return change([row("owner", addressCell(owner), functionName === "transferOwnership" ? addressCell(String(args[0])) : cell.word("none"))]);
}

async function datasets(facts: Facts, action: Of<"datasets">): Promise<Change | undefined> {
  const { ledger: { client, deployment }, blockNumber } = facts;
  const contract = { address: deployment.contracts.datasets, abi: datasetsAbi, blockNumber } as const;
  switch (action.functionName) {
    case "approve":
    case "suspend":
    case "reinstate":
    case "retire":
      return statusChange(action.functionName, action.args[0], await readDataset(facts, action.args[0]));
    case "amend":
      return amendment(action.args[0], action.args[1], await readDataset(facts, action.args[0]));
    case "changeCouncil":
      return change([row("council", addressCell(await readContract(client, { ...contract, functionName: "council" })), addressCell(action.args[0]))]);
    case "changeSeats":
      return change([row("seatsContract", addressCell(await readContract(client, { ...contract, functionName: "seats" })), addressCell(action.args[0]))]);
    default:
      return undefined;
  }
}

async function seats(facts: Facts, action: Of<"seats">): Promise<Change | undefined> {
  const { ledger: { client, deployment }, blockNumber } = facts;
  const contract = { address: deployment.contracts.seats, abi: seatsAbi, blockNumber } as const;
  if (action.functionName === "grant") {
    const [federation, contributor, dataset, budget] = action.args;
    const [count, granted, { terms }, organisation] = await Promise.all([
      readContract(client, { ...contract, functionName: "seatCount", args: [federation] }),
      readContract(client, { ...contract, functionName: "grantedOf", args: [dataset] }),
      readDataset(facts, dataset),
      organisationOfContributor(facts, contributor),
    ]);
    const privacy = terms.exempt
      ? [row("privacyBudget", cell.word("exempt"), cell.word("exempt"), dataset)]
      : [row("privacyGranted", cell.rho(granted), cell.rho(granted + BigInt(budget)), dataset), row("privacyCap", cell.rho(terms.privacyCap), cell.rho(terms.privacyCap), dataset)];
    const rows = [row("seatsOf", cell.number(count), cell.number(count + 1), federation), row("records", undefined, cell.number(terms.records)), ...privacy];
    return change(rows, { organisations: [organisation], federations: [federation], datasets: [dataset], seats: 1 });
  }
  if (action.functionName === "grantSupport") {
    const [federation, contributor] = action.args;
    const [count, organisation] = await Promise.all([readContract(client, { ...contract, functionName: "seatCount", args: [federation] }), organisationOfContributor(facts, contributor)]);
    return change([row("seatsOf", cell.number(count), cell.number(count + 1), federation), row("seat", undefined, cell.word("support"), count)], { organisations: [organisation], federations: [federation], seats: 1 });
  }
  if (action.functionName === "renew" || action.functionName === "revoke") {
    const [federation, seat] = action.args;
    const [lane, all] = await Promise.all([readContract(client, { ...contract, functionName: "laneOf", args: [federation, seat] }), readSeats(facts)]);
    const known = all.find((fact) => fact.federation === federation && fact.seat === seat);
    const affected = { federations: [federation], seats: 1, ...(known !== undefined && { organisations: [known.organisation], datasets: datasetsOf([known]) }) };
    if (action.functionName === "revoke") return change([row("seat", cell.word(lane.status === 1 ? "granted" : lane.status === SUPPORT ? "support" : "stopped"), cell.word("revoked"), seat)], affected);
    const [, , budget] = action.args;
    // A support seat follows no dataset; the ledger refuses to renew it.
    const next = known === undefined || isSupportSeat(known) ? undefined : (await readDataset(facts, known.dataset)).dataset.version;
    const exempt = lane.remaining === 2 ** 48 - 1;
    return change(
      [
        row("seatVersion", cell.number(lane.version), next === undefined ? undefined : cell.number(next), seat),
        exempt ? row("privacyBudget", cell.word("exempt"), cell.word("exempt"), seat) : row("privacyLeft", cell.rho(lane.remaining), cell.rho(lane.remaining + budget), seat),
      ],
      affected,
    );
  }
  if (action.functionName !== "changeLedger") return undefined;
  return change([row("ledgerContract", addressCell(await readContract(client, { ...contract, functionName: "ledger" })), addressCell(action.args[0]))]);
}

async function contributors(facts: Facts, action: Of<"contributors">): Promise<Change | undefined> {
  const { ledger: { client, deployment }, blockNumber } = facts;
  const contract = { address: deployment.contracts.contributors, abi: contributorsAbi, blockNumber } as const;
  switch (action.functionName) {
    case "admitOrganisation": {
      const count = await readContract(client, { ...contract, functionName: "organisationCount" });
      return change([row("organisations", cell.number(count), cell.number(count + 1)), row("account", undefined, cell.hash(action.args[0]))], { organisations: [count + 1] });
    }
    case "replaceOfficers": {
      const [id, officerA, officerB] = action.args;
      const now = await readContract(client, { ...contract, functionName: "organisationOf", args: [id] });
      return change([row("officer", cell.hash(now.officerA), cell.hash(officerA), 1), row("officer", cell.hash(now.officerB), cell.hash(officerB), 2)], { organisations: [id] });
    }
    case "revokeLibraryCard":
    case "restoreLibraryCard": {
      const address = await readContract(client, { ...contract, functionName: "libraryCard" });
      const { account } = await readContract(client, { ...contract, functionName: "organisationOf", args: [action.args[0]] });
      const held = await readContract(client, { address, abi: libraryCardAbi, functionName: "ownerOf", args: [BigInt(action.args[0])], blockNumber }).then((owner) => owner === account, () => false);
      return change([row("libraryCard", cell.yesNo(held), cell.yesNo(action.functionName === "restoreLibraryCard"), action.args[0])], { organisations: [action.args[0]] });
    }
    case "suspend":
    case "reinstate": {
      const [id] = action.args;
      const now = await readContract(client, { ...contract, functionName: "contributorOf", args: [id] });
      const own = (await readSeats(facts)).filter((seat) => seat.contributor === id && !seat.revoked);
      const affected = { organisations: [now.organisation], federations: [...new Set(own.map(({ federation }) => federation))], datasets: datasetsOf(own), seats: own.length };
      return change([row("suspended", cell.yesNo(now.suspended), cell.yesNo(action.functionName === "suspend"), id)], affected);
    }
    case "changeSeats":
      return change([row("seatsContract", addressCell(await readContract(client, { ...contract, functionName: "seats" })), addressCell(action.args[0]))]);
    default:
      return undefined;
  }
}

async function operators({ ledger: { client, deployment }, blockNumber }: Facts, action: Of<"operators">): Promise<Change | undefined> {
  const contract = { address: deployment.contracts.operators, abi: operatorsAbi, blockNumber } as const;
  switch (action.functionName) {
    case "admit":
    case "remove": {
      const { admitted, organisation } = await readContract(client, { ...contract, functionName: "operatorOf", args: [action.args[0]] });
      const admits = action.functionName === "admit";
      return change([row("admitted", cell.yesNo(admitted), cell.yesNo(admits))], { organisations: [admits ? action.args[1] : organisation] });
    }
    case "formEpoch": {
      const epoch = await readContract(client, { ...contract, functionName: "currentEpoch" });
      const [set, threshold, roundUnits, settlementUnits] = action.args;
      return change([
        row("epoch", cell.number(epoch.number), cell.number(epoch.number + 1)),
        row("signers", cell.number(epoch.size), cell.number(set.length)),
        row("threshold", cell.number(epoch.threshold), cell.number(threshold)),
        row("roundUnits", cell.number(epoch.roundUnits), cell.number(roundUnits)),
        row("settlementUnits", cell.number(epoch.settlementUnits), cell.number(settlementUnits)),
      ]);
    }
    case "changeLedgers": {
      const [before, settlement] = await Promise.all([readContract(client, { ...contract, functionName: "rounds" }), readContract(client, { ...contract, functionName: "settlement" })]);
      return change([row("ledgerContract", addressCell(before), addressCell(action.args[0])), row("settlementContract", addressCell(settlement), addressCell(action.args[1]))]);
    }
    default:
      return undefined;
  }
}

async function rounds(facts: Facts, action: Of<"rounds">): Promise<Change | undefined> {
  const { ledger: { client, deployment }, blockNumber } = facts;
  const contract = { address: deployment.contracts.rounds, abi: roundsAbi, blockNumber } as const;
  switch (action.functionName) {
    case "createFederation": {
      const count = await readContract(client, { ...contract, functionName: "federationCount" });
      return change([row("federations", cell.number(count), cell.number(count + 1)), ...configRows(undefined, action.args[0])], { federations: [count + 1] });
    }
    case "reconfigure": {
      const [federation, config] = action.args;
      const [before, all] = await Promise.all([readConfig(facts, federation), readSeats(facts)]);
      const own = all.filter((seat) => seat.federation === federation && !seat.revoked);
      return change(configRows(before, config), { federations: [federation], organisations: [...new Set(own.map(({ organisation }) => organisation))] });
    }
    case "changeJudge":
      return change([row("judge", cell.yesNo(await readContract(client, { ...contract, functionName: "isJudge", args: [action.args[0]] })), cell.yesNo(action.args[1]))]);
    case "changeLoneReports":
      return change([row("loneReports", addressCell(await readContract(client, { ...contract, functionName: "loneReports" })), addressCell(action.args[0]))]);
    default:
      return undefined;
  }
}

async function judges({ ledger: { client, deployment }, blockNumber }: Facts, action: Of<"settlement" | "disputes" | "attestations" | "holdouts" | "freezes">): Promise<Change | undefined> {
  if (action.contract === "settlement" && action.functionName === "changeJudge") {
    const now = await readContract(client, { address: deployment.contracts.settlement, abi: settlementAbi, functionName: "isJudge", args: [action.args[0]], blockNumber });
    return change([row("judge", cell.yesNo(now), cell.yesNo(action.args[1]))]);
  }
  if (action.contract === "disputes" && action.functionName === "changeVerifier") {
    const now = await readContract(client, { address: deployment.contracts.disputes, abi: disputesAbi, functionName: "isTrusted", args: [action.args[0]], blockNumber });
    return change([row("verifier", cell.yesNo(now), cell.yesNo(action.args[1]))]);
  }
  if (action.contract === "holdouts" && action.functionName === "changeCustodian") {
    const [federation, custodian, appointed] = action.args;
    const now = await readContract(client, { address: deployment.contracts.holdouts, abi: holdoutsAbi, functionName: "isCustodian", args: [federation, custodian], blockNumber });
    return change([row("holdoutCustodian", cell.yesNo(now), cell.yesNo(appointed))], { federations: [federation] });
  }
  if (action.contract === "freezes" && action.functionName === "lift") {
    const [federation] = action.args;
    const until = await readContract(client, { address: deployment.contracts.freezes, abi: freezesAbi, functionName: "frozenUntil", args: [federation], blockNumber });
    return change([row("frozenUntil", until === 0 ? cell.word("none") : cell.text(new Date(1000 * until).toISOString()), cell.word("none"))], { federations: [federation] });
  }
  if (action.contract !== "attestations" || action.functionName === "transferOwnership" || action.functionName === "renounceOwnership") return undefined;
  const contract = { address: deployment.contracts.attestations, abi: attestationsAbi, blockNumber } as const;
  if (action.functionName === "approve") {
    const [federation, round, attempt] = action.args;
    const now = await readContract(client, { ...contract, functionName: "isApproved", args: [federation, round, attempt] });
    return change([row("reportApproved", cell.yesNo(now), cell.yesNo(true), round)], { federations: [federation] });
  }
  const [federation, attesters, threshold] = action.args;
  const [before, board] = await Promise.all([
    readContract(client, { ...contract, functionName: "attestersOf", args: [federation] }),
    readContract(client, { ...contract, functionName: "boardOf", args: [federation] }),
  ]);
  const rows = [row("attesters", cell.number(before.length), cell.number(attesters.length)), row("threshold", cell.number(board.threshold), cell.number(threshold))];
  return change(rows, { federations: [federation] });
}

async function treasury({ ledger: { client, deployment }, blockNumber }: Facts, action: Of<"treasury">): Promise<Change | undefined> {
  const contract = { address: deployment.contracts.treasury, abi: treasuryAbi, blockNumber } as const;
  if (action.functionName === "changeSettlement") {
    return change([row("settlementContract", addressCell(await readContract(client, { ...contract, functionName: "settlement" })), addressCell(action.args[0]))]);
  }
  if (action.functionName === "openPoints") {
    const [federation] = action.args;
    return change([row("inPoints", cell.yesNo(await readContract(client, { ...contract, functionName: "inPoints", args: [federation] })), cell.yesNo(true))], { federations: [federation] });
  }
  if (action.functionName === "attachToken") return await attach(contract, client, action.args);
  if (action.functionName !== "reserve") return undefined;
  const [federation, amount] = action.args;
  const [reserved, available] = await Promise.all([
    readContract(client, { ...contract, functionName: "reservedOf", args: [federation] }),
    readContract(client, { ...contract, functionName: "available" }),
  ]);
  return change([row("reserved", cell.shu(reserved), cell.shu(reserved + amount), federation), row("available", cell.shu(available), cell.shu(available - amount))], { federations: [federation] });
}

/** What is reserved for points is what they were worth at this block: what is earned until the vote is carried out comes to it. */
async function attach(contract: { readonly address: Address; readonly abi: typeof treasuryAbi; readonly blockNumber: bigint }, client: Facts["ledger"]["client"], [federation, rate]: readonly [number, bigint]): Promise<Change> {
  const [before, credited, available] = await Promise.all([
    readContract(client, { ...contract, functionName: "rateOf", args: [federation] }),
    readContract(client, { ...contract, functionName: "creditedOf", args: [federation] }),
    readContract(client, { ...contract, functionName: "available" }),
  ]);
  const worth = pointsWorth(credited, rate);
  const rows = [row("rate", cell.shu(before), cell.shu(rate)), row("reserved", cell.shu(0n), cell.shu(worth), federation), row("available", cell.shu(available), cell.shu(available - worth))];
  return change(rows, { federations: [federation] });
}

async function token({ ledger: { client, deployment }, blockNumber }: Facts, action: Of<"token">): Promise<Change | undefined> {
  if (action.functionName !== "transfer" && action.functionName !== "burn") return undefined;
  const amount = action.functionName === "transfer" ? action.args[1] : action.args[0];
  const held = await readContract(client, { address: deployment.contracts.token, abi: contributionTokenAbi, functionName: "balanceOf", args: [deployment.contracts.timelock], blockNumber });
  return change([row("timelockBalance", cell.shu(held), cell.shu(held - amount))]);
}

async function settings({ ledger: { client, deployment }, blockNumber }: Facts, action: Of<"governor" | "timelock">): Promise<Change | undefined> {
  const governor = { address: deployment.contracts.governor, abi: chongwenGovernorAbi, blockNumber } as const;
  switch (action.functionName) {
    case "setVotingDelay":
      return change([row("votingDelay", cell.seconds(await readContract(client, { ...governor, functionName: "votingDelay" })), cell.seconds(action.args[0]))]);
    case "setVotingPeriod":
      return change([row("votingPeriod", cell.seconds(await readContract(client, { ...governor, functionName: "votingPeriod" })), cell.seconds(action.args[0]))]);
    case "setProposalThreshold":
      return change([row("proposalThreshold", cell.shu(await readContract(client, { ...governor, functionName: "proposalThreshold" })), cell.shu(action.args[0]))]);
    case "updateQuorumNumerator":
      return change([row("quorum", cell.percent(await readContract(client, { ...governor, functionName: "quorumNumerator" })), cell.percent(action.args[0]))]);
    case "setLateQuorumVoteExtension":
      return change([row("lateExtension", cell.seconds(await readContract(client, { ...governor, functionName: "lateQuorumVoteExtension" })), cell.seconds(action.args[0]))]);
    case "updateTimelock":
      return change([row("timelock", addressCell(deployment.contracts.timelock), addressCell(action.args[0]))]);
    case "updateDelay": {
      const now = await readContract(client, { address: deployment.contracts.timelock, abi: timelockAbi, functionName: "getMinDelay", blockNumber });
      return change([row("minDelay", cell.seconds(now), cell.seconds(action.args[0]))]);
    }
    case "grantRole":
    case "revokeRole":
    case "renounceRole": {
      const now = await readContract(client, { address: deployment.contracts.timelock, abi: timelockAbi, functionName: "hasRole", args: action.args, blockNumber });
      return change([row("hasRole", cell.yesNo(now), cell.yesNo(action.functionName === "grantRole"))]);
    }
    default:
      return undefined;
  }
}
