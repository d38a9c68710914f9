/** What the contracts are proven to have said, against what a dossier's facts say that they did: replayed in the order of the chain. */
import type { Abi, Address, ContractEventName } from "viem";
import { getAddress, parseEventLogs } from "viem/utils";
import { pointsVaultAbi } from "../abi/index.ts";
import type { Ledgerbook } from "../audit/findings.ts";
import { statementHash } from "../eip712/hash.ts";
import { contractsOf } from "../ledger/chain.ts";
import type { LedgerFacts } from "../ledger/facts.ts";
import type { LoggedEvent } from "./events.ts";
import { DOSSIER_FILES } from "./manifest.ts";

type Same = (entry: string, name: string, expected: unknown, actual: unknown) => void;

const plain = (value: unknown): string => (typeof value === "object" && value !== null ? JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : typeof item === "string" ? item.toLowerCase() : item)) : String(value));

function replayer(events: readonly LoggedEvent[], facts: LedgerFacts) {
  const times = new Map(events.map(({ blockNumber, at }) => [blockNumber, at]));
  const read = <const A extends Abi, Name extends ContractEventName<A>>({ address, abi }: { readonly address: Address; readonly abi: A }, eventName: Name) =>
    parseEventLogs({ abi, eventName, strict: true, logs: events.filter((log) => log.address === getAddress(address)) });
  const timeOf = ({ blockNumber }: { readonly blockNumber: bigint }): number => times.get(blockNumber) ?? 0;
  const { contributors, freezes, rounds, seats, settlement } = contractsOf(facts.deployment);
  const registered = read(contributors, "ContributorRegistered");
  const rotated = read(contributors, "KeyRotated");
  const paidTo = read(contributors, "PayeeChanged");
  return {
    timeOf,
    created: read(rounds, "FederationCreated"), reconfigured: read(rounds, "FederationReconfigured"), forced: read(rounds, "ContributionForced"),
    sealed: read(rounds, "RoundSealed"), reported: read(rounds, "RoundReported"), finalised: read(rounds, "RoundFinalised"), frozen: read(rounds, "FederationFrozen"),
    decided: read(freezes, "FreezeDecided"), proposed: read(settlement, "SettlementProposed"), settled: read(settlement, "SettlementFinalised"), granted: read(seats, "SeatGranted"),
    claimed: read({ address: facts.vault, abi: pointsVaultAbi }, "Claimed"), paid: read({ address: facts.vault, abi: pointsVaultAbi }, "PointsPaid"),
    /** As `Contributors.keyAt` and `payeeAt` answer: what was changed in a second counts in it. */
    keyAt: (contributor: number, at: number) => rotated.findLast((log) => log.args.contributor === contributor && timeOf(log) <= at)?.args.newKey ?? registered.find((log) => log.args.contributor === contributor)?.args.key,
    payeeAt: (contributor: number, at: number) =>
      paidTo.findLast((log) => log.args.contributor === contributor && timeOf(log) <= at)?.args.payee ?? registered.find((log) => log.args.contributor === contributor && timeOf(log) <= at)?.args.payee,
  };
}
type Replayed = ReturnType<typeof replayer>;
type Place = { readonly blockNumber: bigint; readonly logIndex: number };
const isBefore = (a: Place, b: Place): boolean => a.blockNumber < b.blockNumber || (a.blockNumber === b.blockNumber && a.logIndex < b.logIndex);

/** @param events All that are proven, in the order of the chain. Every difference is a finding about the entry that it changes. */
export function compareEvents(book: Pick<Ledgerbook, "same">, facts: LedgerFacts, events: readonly LoggedEvent[]): void {
  const same: Same = (entry, name, expected, actual) => book.same(entry, DOSSIER_FILES.facts, `logged ${name}`, plain(expected), plain(actual));
  const said = replayer(events, facts);
  const [created] = said.created;
  const { genesis } = facts;
  same("genesis", "creation", created === undefined ? "none" : { c: created.args.configHash, h: created.args.genesisHash, m: created.args.modelRoot, a: created.args.artefact }, { c: genesis.configHash, h: genesis.reportHash, m: genesis.modelRoot, a: genesis.artefact });
  compareRounds(same, facts, said);
  compareSettlements(same, facts, said);
  same("claims", "claims", said.claimed.map(({ args: { index, payee, recipient, amount, cumulative } }) => ({ index, payee, recipient, amount, cumulative })), facts.claims);
  same("claims", "payments of points", said.paid.map(({ args: { index, points, paid } }) => ({ index, points, paid })), facts.points?.payments ?? []);
  if (facts.freezes !== null) compareFreezes(same, facts.freezes, said);
}

function compareRounds(same: Same, { rounds, genesis }: LedgerFacts, said: Replayed): void {
  for (const { round, configHash, report, seats } of rounds) {
    const entry = `round ${round}`;
    const seal = said.sealed.findLast((log) => log.args.round === round);
    if (seal === undefined) {
      same(entry, "seal", "none", "one");
      continue;
    }
    same(entry, "configuration", said.reconfigured.findLast((log) => isBefore(log, seal))?.args.configHash ?? genesis.configHash, configHash);
    if (report !== null) {
      const found = said.reported.findLast((log) => log.args.round === round)?.args;
      const { reportHash, modelRoot, metricsHash, excluded, artefact, deadline } = report;
      same(entry, "report", found === undefined ? "none" : { ...found.report, reportHash: found.reportHash, deadline: Number(found.deadline) }, { modelRoot, metricsHash, excluded, artefact, reportHash, deadline });
    }
    const forced = new Set(said.forced.filter((log) => log.args.round === round).map((log) => log.args.seat));
    for (const { seat, key } of seats) {
      // Of an entry that was forced in, whoever signed it counts: that stays the exporter's word.
      const contributor = said.granted.findLast((log) => log.args.seat === seat)?.args.contributor;
      if (!forced.has(seat)) same(entry, `key of seat ${seat}`, (contributor === undefined ? undefined : said.keyAt(contributor, said.timeOf(seal))) ?? "none", key);
    }
  }
}

function compareSettlements(same: Same, { settlements }: LedgerFacts, said: Replayed): void {
  for (const { index, state, statementHash: hash, firstRound, lastRound, rewardsRoot, pool, distributed, total, artefact, deadline, payees } of settlements) {
    const entry = `settlement ${index}`;
    const found = said.proposed.findLast((log) => log.args.index === index)?.args;
    if (found === undefined) {
      same(entry, "proposal", "none", "one");
      continue;
    }
    const { statement } = found;
    const { firstRound: first, lastRound: last, rewardsRoot: root, distributed: given, total: sum, artefact: bundle } = statement;
    same(entry, "statement", { h: statementHash(statement), first, last, root, given, sum, bundle }, { h: hash, first: firstRound, last: lastRound, root: rewardsRoot, given: distributed, sum: total, bundle: artefact });
    same(entry, "pool", found.pool, pool);
    same(entry, "deadline", Number(found.deadline), deadline);
    same(entry, "finality", said.settled.some((log) => log.args.index === index) ? "Final" : "Proposed", state);
    if (payees.length === 0) continue;
    const report = said.reported.findLast((log) => log.args.reportHash === statement.lastReportHash);
    const granted = report === undefined ? [] : said.granted.filter((log) => log.blockNumber <= report.blockNumber);
    same(entry, "payees", granted.map(({ args }) => (report === undefined ? "none" : (said.payeeAt(args.contributor, Number(report.args.deadline)) ?? "none"))), payees);
  }
}

function compareFreezes(same: Same, freezes: NonNullable<LedgerFacts["freezes"]>, { frozen, decided, sealed, reported, finalised, timeOf }: Replayed): void {
  const changes = frozen.map((log) => ({
    block: log.blockNumber, at: timeOf(log), until: Number(log.args.until),
    reason: decided.find(({ blockNumber, logIndex }) => blockNumber === log.blockNumber && logIndex === log.logIndex - 1)?.args.reasonHash ?? null,
  }));
  same("freezes", "freezes", changes, freezes.changes.map(({ block, at, until, reason }) => ({ block, at, until, reason })));
  // Without a freeze nothing is kept of what it would have stopped.
  if (changes.length === 0) return same("freezes", "moves", 0, freezes.moves.length);
  const moves = [...sealed.map((log) => ({ log, move: "sealed" })), ...reported.map((log) => ({ log, move: "reported" })), ...finalised.map((log) => ({ log, move: "final" }))]
    .sort((a, b) => (isBefore(a.log, b.log) ? -1 : 1))
    .map(({ log, move }) => ({ block: log.blockNumber, at: timeOf(log), round: log.args.round, move }));
  same("freezes", "moves", moves, freezes.moves.map(({ block, at, round, move }) => ({ block, at, round, move })));
}
