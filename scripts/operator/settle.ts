import type { Hex } from "viem";
import { toHex } from "../../protocol/bytes.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import {
  buildSettlementBundle,
  createDomain,
  type SettlementStatement,
} from "../../protocol/index.ts";
import { waitUntil } from "../chain/clock.ts";
import { requireProven } from "../chain/proofs/believed.ts";
import { settledRounds } from "../../protocol/ledger/expectations.ts";
import { readPart } from "../../protocol/ledger/read-part.ts";
import { readPayees } from "../../protocol/ledger/read-settlements.ts";
import type { ArtefactStore } from "../store/index.ts";
import type { VerifiedRound } from "../../protocol/scoring/score-window.ts";
import type { QualityQuestion } from "../../protocol/ledger/read-quality.ts";
import type { Kernel } from "../chain/kernel.ts";
import { AlreadyDone, sendOnce } from "./already-done.ts";
import { checkSettlement } from "./check-settlement.ts";
import { collectQuorum } from "./quorum.ts";
import type { OperatorContext } from "./seal-round.ts";
import { collectQuality, type QualitySources } from "./settle-quality.ts";

export interface SettleParameters {
  readonly federation: number;
  readonly lastRound: number;
  readonly scoringId: number;
  readonly store: ArtefactStore;
  /** Seats and effective weights of the final rounds covered, from their verified bundles. */
  readonly scored: readonly VerifiedRound[];
  /** Member table of the settlement before; empty for the first. */
  readonly previousMembers: Uint8Array;
  /** Needed where quality scores. */
  readonly quality?: QualitySources | null;
}

/** `ISettlement.State.Proposed`. */
const UNDER_WAY = 1;

/** What the chain says of the settlement that is next, when it covers the rounds up to `lastRound`. @throws nothing-to-settle (retryable) */
export async function settlementOf(kernel: Kernel, federation: number, lastRound: number) {
  const account = await kernel.settlement.read.accountOf([federation]);
  const [pool] = await kernel.settlement.read.poolThrough([federation, lastRound]);
  const firstRound = account.settledThrough + 1;
  const facts = await readPart(kernel, federation, Array.from({ length: Math.max(0, lastRound - firstRound + 1) }, (_, i) => firstRound + i));
  const rounds = settledRounds(facts, firstRound, lastRound);
  const lastFinal = rounds.findLast(({ state }) => state === "Final");
  if (lastFinal === undefined) throw new ChongwenError({ code: "nothing-to-settle", message: `No final round between ${firstRound} and ${lastRound}.`, fix: "Wait until rounds are final.", retryable: true });
  // Payees are those of the deadline's second: only once it is over does everyone read the same.
  const { deadline } = await kernel.rounds.read.roundOf([federation, lastFinal.round]);
  await waitUntil(kernel.client, deadline + 1);
  const payees = await readPayees(kernel, federation, lastFinal.reportHash);
  const before = facts.settlements.find(({ index }) => index === account.nextIndex - 1);
  const previous = before === undefined ? null : { index: before.index, artefact: before.artefact };
  const question: QualityQuestion = { federation, index: account.nextIndex, firstRound, lastRound, lastReportHash: lastFinal.reportHash };
  return { facts, account, pool, rounds, payees, previous, question };
}

/** What became of a settlement in the meantime; null while the account is as it was. */
export async function movedOn({ settlement }: Kernel, federation: number, { nextIndex, attempt, state }: { readonly nextIndex: number; readonly attempt: number; readonly state: number }): Promise<string | null> {
  const now = await settlement.read.accountOf([federation]);
  return now.nextIndex === nextIndex && now.attempt === attempt && now.state === state ? null : `settlement ${nextIndex} has moved on`;
}

/** Proposes the settlement of every round since the last one. Each operator recomputes it before it signs. @returns The new member table. @throws AlreadyDone when another proposal was first */
export async function proposeSettlement(context: OperatorContext, parameters: SettleParameters): Promise<Uint8Array> {
  const { kernel, transactor, operators, relayer } = context;
  const { federation, lastRound, scoringId, store, scored, previousMembers, quality = null } = parameters;
  const { settlement, deployment } = kernel;
  const { facts, account, pool, rounds, payees, previous, question } = await settlementOf(kernel, federation, lastRound);
  const collected = quality === null ? null : await collectQuality(kernel, quality, { facts, store, question, previous, scored });

  const bundle = await buildSettlementBundle({
    domain: { chainId: deployment.chainId, vault: facts.vault, federation },
    settlement: settlement.address,
    index: account.nextIndex,
    attempt: account.attempt,
    rounds,
    previous,
    scoringId,
    pool,
    scored,
    payees,
    previousMembers,
    ...(collected === null ? {} : { quality: collected.quality, holdout: collected.holdout }),
  });
  const artefact: Hex = await store.putDirectory(bundle.files);
  const statement: SettlementStatement = { ...bundle.statement, artefact };

  const recompute = async (): Promise<void> =>
    checkSettlement({ facts, statement, pool, payees, scoringId, store, scored, previousMembers, quality: collected?.expected ?? null });
  await requireProven(context.prover, federation, new Map(rounds.map(({ round, state, reportHash }) => [round, { hash: state === "Final" ? reportHash : null, states: [state] }])));
  const domain = createDomain(deployment.chainId, settlement.address);
  const { scores, entitlements } = bundle.computed.columns;
  await sendOnce(
    async () => {
      const quorum = await collectQuorum(kernel, operators, { domain, name: "SettlementStatement", value: statement }, recompute, context.limits);
      return transactor.send(relayer, { kind: "settlement.propose", ...settlement, functionName: "propose", args: [statement, toHex(scores), toHex(entitlements), quorum] });
    },
    async () => movedOn(kernel, federation, account),
  );
  return bundle.computed.columns.members;
}

/** Makes the settlement under way final once its window has passed: its entitlements become claimable. Being second is no failure. @returns Whether it was this one that did it. */
export async function finaliseSettlement({ kernel, transactor, relayer }: OperatorContext, federation: number): Promise<boolean> {
  const account = await kernel.settlement.read.accountOf([federation]);
  // Another was first already.
  if (account.state !== UNDER_WAY) return false;
  await waitUntil(kernel.client, account.deadline);
  return sendOnce(
    async () => transactor.send(relayer, { kind: "settlement.finalise", ...kernel.settlement, functionName: "finalise", args: [federation] }),
    async () => movedOn(kernel, federation, account),
  ).then(
    () => true,
    (error: unknown) => {
      if (error instanceof AlreadyDone) return false;
      throw error;
    },
  );
}
