/** Federations, the life of their rounds, and what was disputed about them. */
import type { Hex } from "viem";
import type { Context } from "ponder:registry";
import { demand, dispute, federation, round, roundStep, settlement } from "../../ponder.schema.ts";
import type { Projections } from "./index.ts";

interface Step {
  readonly federation: number;
  readonly round: number;
  readonly attempt?: number;
  readonly state?: string;
  readonly hash?: Hex;
}

interface Moment {
  readonly block: { readonly number: bigint; readonly timestamp: bigint };
  readonly log: { readonly logIndex: number };
}

/** One row of a round's history. */
function remember({ db }: Context, event: string, { block, log }: Moment, step: Step) {
  return db.insert(roundStep).values({
    blockNumber: Number(block.number),
    logIndex: log.logIndex,
    timestamp: Number(block.timestamp),
    event,
    federation: step.federation,
    number: step.round,
    attempt: step.attempt ?? null,
    state: step.state ?? null,
    hash: step.hash ?? null,
  });
}

/** A round may be voided before anything else was said of it. */
function setRound({ db }: Context, { block }: Moment, { federation, round: number }: Step, change: Partial<Omit<typeof round.$inferInsert, "federation" | "number">>) {
  const changedAt = Number(block.timestamp);
  return db.insert(round).values({ federation, number, attempt: 0, state: "Open", ...change, changedAt }).onConflictDoUpdate({ ...change, changedAt });
}

function disputed({ db }: Context, { block, log }: Moment, row: { kind: string; federation: number; subject: number; attempt?: number; challenger?: Hex; verifier?: Hex }) {
  return db.insert(dispute).values({ blockNumber: Number(block.number), logIndex: log.logIndex, ...row });
}

export const rounds: Projections = {
  "rounds:FederationCreated": ({ event: { args, block }, context: { db } }) =>
    db.insert(federation).values({
      id: args.federation, configHash: args.configHash, genesisHash: args.genesisHash, modelRoot: args.modelRoot, artefact: args.artefact, createdAt: Number(block.number),
    }),
  "rounds:FederationReconfigured": ({ event: { args }, context: { db } }) => db.update(federation, { id: args.federation }).set({ configHash: args.configHash }),
  "treasury:VaultOpened": async ({ event: { args }, context: { db } }) => {
    // Governance may reserve for a federation before it is created.
    if ((await db.find(federation, { id: args.federation })) !== null) await db.update(federation, { id: args.federation }).set({ vault: args.vault });
  },

  "rounds:RoundSealed": async ({ event, context }) => {
    const { args } = event;
    await setRound(context, event, args, { attempt: args.attempt, state: "Sealed", sealHash: args.sealHash, reportHash: null, modelRoot: null, artefact: null });
    await remember(context, "RoundSealed", event, { ...args, state: "Sealed", hash: args.sealHash });
  },
  "rounds:RoundReported": async ({ event, context }) => {
    const { args } = event;
    const { modelRoot, artefact } = args.report;
    await setRound(context, event, args, { state: "Reported", attempt: args.attempt, reportHash: args.reportHash, modelRoot, artefact });
    await remember(context, "RoundReported", event, { ...args, state: "Reported", hash: args.reportHash });
  },
  "rounds:RoundFinalised": async ({ event, context }) => {
    await setRound(context, event, event.args, { state: "Final" });
    await remember(context, "RoundFinalised", event, { ...event.args, state: "Final", hash: event.args.reportHash });
  },
  "rounds:RoundReopened": async ({ event, context }) => {
    await setRound(context, event, event.args, { state: "Open", attempt: event.args.attempt });
    await remember(context, "RoundReopened", event, { ...event.args, state: "Open" });
  },
  "rounds:RoundVoided": async ({ event, context }) => {
    await setRound(context, event, event.args, { state: "Void" });
    await remember(context, "RoundVoided", event, { ...event.args, state: "Void" });
  },
  "rounds:RoundHeld": ({ event, context }) => remember(context, "RoundHeld", event, event.args),
  "rounds:RoundReleased": ({ event, context }) => remember(context, "RoundReleased", event, event.args),
  "rounds:FaultProven": async ({ event, context }) => {
    const { args } = event;
    // A proven report goes back to Sealed, a proven seal to Open: see docs/protocol.md, “Life cycle”.
    const state = args.kind === 1 ? "Sealed" : "Open";
    await setRound(context, event, args, { state });
    await remember(context, "FaultProven", event, { ...args, state });
    await disputed(context, event, { kind: "RoundFault", federation: args.federation, subject: args.round, attempt: args.attempt, challenger: args.challenger });
  },

  "settlement:SettlementProposed": async ({ event: { args }, context: { db } }) => {
    const { firstRound, lastRound, rewardsRoot, artefact, distributed, attempt } = args.statement;
    const now = { attempt, state: "Proposed", firstRound, lastRound, rewardsRoot, artefact, distributed, pool: args.pool, frozen: false };
    await db.insert(settlement).values({ federation: args.federation, number: args.index, ...now }).onConflictDoUpdate(now);
  },
  "settlement:SettlementFinalised": ({ event: { args }, context: { db } }) => db.update(settlement, { federation: args.federation, number: args.index }).set({ state: "Final" }),
  "settlement:SettlementOverturned": ({ event: { args }, context: { db } }) =>
    db.update(settlement, { federation: args.federation, number: args.index }).set({ state: "Overturned", attempt: args.attempt, frozen: false }),
  "settlement:SettlementFreezeChanged": ({ event: { args }, context: { db } }) => db.update(settlement, { federation: args.federation, number: args.index }).set({ frozen: args.frozen }),

  "demands:DataDemanded": ({ event: { args }, context: { db } }) =>
    db.insert(demand).values({ id: args.id, federation: args.federation, round: args.round, attempt: args.attempt, demander: args.demander, state: "Open" }),
  "demands:DataAnswered": ({ event: { args }, context: { db } }) => db.update(demand, { id: args.id }).set({ state: "Answered", answerer: args.answerer }),
  "demands:DemandExpired": ({ event: { args }, context: { db } }) => db.update(demand, { id: args.id }).set({ state: "Expired" }),

  "arbitration:SettlementChallenged": ({ event, context }) =>
    disputed(context, event, { kind: "SettlementChallenged", federation: event.args.federation, subject: event.args.index, attempt: event.args.attempt, challenger: event.args.challenger }),
  "arbitration:ChallengeUpheld": ({ event, context }) =>
    disputed(context, event, { kind: "ChallengeUpheld", federation: event.args.federation, subject: event.args.index, attempt: event.args.attempt, challenger: event.args.challenger }),
  "arbitration:ChallengeRejected": ({ event, context }) =>
    disputed(context, event, { kind: "ChallengeRejected", federation: event.args.federation, subject: event.args.index, attempt: event.args.attempt, challenger: event.args.challenger }),
  "disputes:DisputeWon": ({ event, context }) =>
    disputed(context, event, { kind: "DisputeWon", federation: event.args.federation, subject: event.args.round, verifier: event.args.verifier }),
  "disputes:SettlementDisputeWon": ({ event, context }) =>
    disputed(context, event, { kind: "SettlementDisputeWon", federation: event.args.federation, subject: event.args.index, verifier: event.args.verifier }),
};
