/** Operators and their bonds, slashes, claims. */
import type { Address } from "viem";
import { claim, operator, operatorEpoch, slash } from "../../ponder.schema.ts";
import type { Projections } from "./index.ts";

export const value: Projections = {
  "operators:OperatorAdmitted": ({ event: { args }, context: { db } }) =>
    db.insert(operator).values({ address: args.operator, organisation: args.organisation, bonded: 0n, member: true }).onConflictDoUpdate({ organisation: args.organisation, member: true }),
  "operators:OperatorRemoved": ({ event: { args }, context: { db } }) => db.update(operator, { address: args.operator }).set({ member: false }),
  "operators:Bonded": ({ event: { args }, context: { db } }) =>
    db.insert(operator).values({ address: args.operator, organisation: 0, bonded: args.amount, member: false }).onConflictDoUpdate(({ bonded }) => ({ bonded: bonded + args.amount })),
  "operators:Withdrawn": ({ event: { args }, context: { db } }) =>
    db.insert(operator).values({ address: args.operator, organisation: 0, bonded: 0n, member: false }).onConflictDoUpdate(({ bonded }) => ({ bonded: bonded - args.amount })),
  "operators:EpochFormed": ({ event: { args }, context: { db } }) =>
    db.insert(operatorEpoch).values({ id: args.epoch, operators: args.operators.join(","), threshold: args.threshold }),
  "operators:Slashed": async ({ event: { args, block }, context: { db } }) => {
    const { evidence, epoch, signers, challenger, taken, toChallenger, toPool, burnt } = args;
    await db.insert(slash).values({ evidence, epoch, signers: BigInt(signers), challenger, toChallenger, toPool, burnt, blockNumber: Number(block.number) });
    const members = (await db.find(operatorEpoch, { id: epoch }))?.operators.split(",") ?? [];
    const liable = members.filter((_, i) => ((signers >>> i) & 1) === 1);
    for (const [i, address] of liable.entries()) {
      await db.update(operator, { address: address as Address }).set(({ bonded }) => ({ bonded: bonded - (taken[i] ?? 0n) }));
    }
  },
  "vault:Claimed": ({ event: { args, log, block, transaction }, context: { db } }) =>
    db.insert(claim).values({
      blockNumber: Number(block.number),
      logIndex: log.logIndex,
      vault: log.address,
      seat: args.index,
      payee: args.payee,
      recipient: args.recipient,
      amount: args.amount,
      cumulative: args.cumulative,
      transactionHash: transaction.hash,
    }),
};
