import type { Hex } from "viem";
import { toHex } from "../../protocol/bytes.ts";
import { firstFailure } from "../../protocol/bundle/checks.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import {
  buildSettlementBundle,
  createDomain,
  statementHash,
  verifySettlementBundle,
  type SettlementStatement,
} from "../../protocol/index.ts";
import { waitUntil } from "../chain/clock.ts";
import { settledRounds, settlementExpectations } from "../../protocol/ledger/expectations.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { readPayees } from "../../protocol/ledger/read-settlements.ts";
import type { ArtefactStore } from "../store/index.ts";
import type { VerifiedRound } from "../../protocol/scoring/score-window.ts";
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

/** Proposes the settlement of every round since the last one. Each operator recomputes it before it signs. @returns The new member table. */
export async function proposeSettlement(context: OperatorContext, parameters: SettleParameters): Promise<Uint8Array> {
  const { kernel, transactor, operators, relayer } = context;
  const { federation, lastRound, scoringId, store, scored, previousMembers, quality = null } = parameters;
  const { settlement, deployment } = kernel;
  const facts = await readFacts(kernel, federation);
  const account = await settlement.read.accountOf([federation]);
  const [pool] = await settlement.read.poolThrough([federation, lastRound]);
  const firstRound = account.settledThrough + 1;
  const rounds = settledRounds(facts, firstRound, lastRound);
  const lastFinal = rounds.findLast(({ state }) => state === "Final");
  if (lastFinal === undefined) throw new ChongwenError({ code: "nothing-to-settle", message: `No final round between ${firstRound} and ${lastRound}.`, fix: "Wait until rounds are final.", retryable: true });
  // Payees are those of the deadline's second: only once it is over does everyone read the same.
  const { deadline } = await kernel.rounds.read.roundOf([federation, lastFinal.round]);
  await waitUntil(kernel.client, deadline + 1);
  const payees = await readPayees(kernel, federation, lastFinal.reportHash);
  const before = facts.settlements.find(({ index }) => index === account.nextIndex - 1);
  const previous = before === undefined ? null : { index: before.index, artefact: before.artefact };
  const question = { federation, index: account.nextIndex, firstRound, lastRound, lastReportHash: lastFinal.reportHash };
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

  const recompute = async (): Promise<void> => {
    const expected = settlementExpectations(
      facts,
      { index: account.nextIndex, firstRound, lastRound, statementHash: statementHash(statement), pool, artefact, payees },
      scoringId,
    );
    const reader = await store.open(artefact, { label: `settlement ${account.nextIndex}` });
    const evidence = collected === null ? {} : { quality: collected.expected };
    const failure = firstFailure((await verifySettlementBundle(reader, { ...expected, ...evidence }, scored, previousMembers)).checks);
    if (failure !== null) {
      throw new ChongwenError({
        code: "settlement-mismatch",
        message: `Settlement ${account.nextIndex}, ${failure.subject}: ${failure.name} is ${failure.actual}, expected ${failure.expected}.`,
        fix: "Do not sign. Ask whoever proposed it for the rounds and scores it used.",
      });
    }
  };
  const domain = createDomain(deployment.chainId, settlement.address);
  const quorum = await collectQuorum(kernel, operators, { domain, name: "SettlementStatement", value: statement }, recompute);
  const { scores, entitlements } = bundle.computed.columns;
  const args = [statement, toHex(scores), toHex(entitlements), quorum] as const;
  await transactor.send(relayer, { kind: "settlement.propose", ...settlement, functionName: "propose", args });
  return bundle.computed.columns.members;
}

/** Makes the settlement under way final once its window has passed: its entitlements become claimable. */
export async function finaliseSettlement({ kernel, transactor, relayer }: OperatorContext, federation: number): Promise<void> {
  const { deadline } = await kernel.settlement.read.accountOf([federation]);
  await waitUntil(kernel.client, deadline);
  await transactor.send(relayer, { kind: "settlement.finalise", ...kernel.settlement, functionName: "finalise", args: [federation] });
}
