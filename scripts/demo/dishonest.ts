import type { Hex } from "viem";
import { toHex } from "../../protocol/bytes.ts";
import {
  accumulate,
  aggregate,
  buildRewardsTree,
  buildRoundBundle,
  buildSettlementBundle,
  columnHash,
  COLUMN_WIDTHS,
  createDomain,
  memberTotal,
  packUints,
  type ScoredRound,
  type SettlementStatement,
} from "../../protocol/index.ts";
import { reportedRound, settledRounds } from "../../protocol/ledger/expectations.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { readPayees } from "../../protocol/ledger/read-settlements.ts";
import { collectQuorum } from "../operator/quorum.ts";
import type { ReportParameters, SealedRound } from "../operator/report-round.ts";
import type { OperatorContext } from "../operator/seal-round.ts";
import { digestOf } from "../store/index.ts";

/** Operators who check nothing before they sign. */
const signAnything = async (): Promise<void> => undefined;

/** @param spoil Changes the aggregate before it is reported. @param publish False: the bundle is made, and kept to themselves. */
export interface Dishonesty {
  readonly spoil: (model: Int32Array) => void;
  readonly publish: boolean;
}

/** Reports a round as no honest operator would. @returns The hash of the transaction. */
export async function reportDishonestly(
  { kernel, transactor, operators, relayer }: OperatorContext,
  sealed: SealedRound,
  { store, hashPairs, evaluate }: ReportParameters,
  { spoil, publish }: Dishonesty,
): Promise<Hex> {
  const { federation, config, base, entries, updates } = sealed;
  const parent = reportedRound(await readFacts(kernel, federation), sealed.parentRound);
  if (parent === null) throw new Error("A round that was sealed has a parent that was reported.");
  const counted = entries.flatMap(({ seat, weight }) => (weight === 0 ? [] : [{ update: updates.get(seat) ?? new Int16Array(), weight }]));
  const model = aggregate(config.ruleId, config.ruleParam, base, counted.map(({ update }) => update), counted.map(({ weight }) => weight));
  spoil(model);
  const { chainId } = kernel.deployment;
  const ledger = kernel.rounds.address;
  const { modelRoot: _, ...pinned } = parent;
  const { files, report } = buildRoundBundle({ ...sealed, chainId, ledger, parent: pinned, excluded: 0n, model, ...(await evaluate(model)), hashPairs });
  const artefact: Hex = publish ? await store.putDirectory(files) : await digestOf(files);
  const quorum = await collectQuorum(kernel, operators, { domain: createDomain(chainId, ledger), name: "Report", value: { ...report, artefact } }, signAnything);
  const { modelRoot, metricsHash, excluded } = report;
  const args = [federation, { modelRoot, metricsHash, excluded, artefact }, quorum] as const;
  return (await transactor.send(relayer, { kind: "report", ...kernel.rounds, functionName: "report", args })).transactionHash;
}

export interface WrongSettlement {
  readonly federation: number;
  readonly lastRound: number;
  readonly scoringId: number;
  readonly store: ReportParameters["store"];
  readonly scored: readonly ScoredRound[];
  readonly previousMembers: Uint8Array;
  /** Takes this much from the second seat and gives it to the first. */
  readonly amount: bigint;
}

/** Proposes a settlement that pays one seat what another has earned; everything else adds up. @returns The hash of the transaction. */
export async function settleDishonestly({ kernel, transactor, operators, relayer }: OperatorContext, wrong: WrongSettlement): Promise<Hex> {
  const { federation, lastRound, scoringId, store, scored, previousMembers, amount } = wrong;
  const { settlement, deployment } = kernel;
  const facts = await readFacts(kernel, federation);
  const account = await settlement.read.accountOf([federation]);
  const [pool] = await settlement.read.poolThrough([federation, lastRound]);
  const rounds = settledRounds(facts, account.settledThrough + 1, lastRound);
  const payees = await readPayees(kernel, federation, rounds.findLast(({ state }) => state === "Final")?.reportHash ?? "0x");
  const before = facts.settlements.find(({ index }) => index === account.nextIndex - 1);
  const domain = { chainId: deployment.chainId, vault: facts.vault, federation };
  const right = await buildSettlementBundle({
    domain, settlement: settlement.address, index: account.nextIndex, attempt: account.attempt, rounds,
    previous: before === undefined ? null : { index: before.index, artefact: before.artefact },
    scoringId, pool, scored, payees, previousMembers,
  });
  const amounts = right.computed.amounts.map((due, seat) => (seat === 0 ? due + amount : seat === 1 ? due - amount : due));
  const entitlements = packUints(amounts, COLUMN_WIDTHS.entitlements);
  const members = accumulate(previousMembers, amounts, payees);
  const artefact: Hex = await store.putDirectory(right.files);
  const statement: SettlementStatement = {
    ...right.statement, artefact, entitlementsHash: columnHash(entitlements), rewardsRoot: (await buildRewardsTree(domain, members)).root, total: memberTotal(members),
  };
  const signed = { domain: createDomain(deployment.chainId, settlement.address), name: "SettlementStatement" as const, value: statement };
  const quorum = await collectQuorum(kernel, operators, signed, signAnything);
  const args = [statement, toHex(right.computed.columns.scores), toHex(entitlements), quorum] as const;
  return (await transactor.send(relayer, { kind: "settlement.propose", ...settlement, functionName: "propose", args })).transactionHash;
}
