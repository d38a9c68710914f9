import type { Address } from "viem";
import { int16Of, parameterCount, updateRoot } from "../../protocol/index.ts";
import { ChongwenError, protocolError } from "../../protocol/errors.ts";
import { requireIndependentAuditors } from "../../protocol/privacy/escrow.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import type { SealedRound } from "./report-round.ts";
import { isHere } from "./quorum.ts";
import type { OperatorContext } from "./seal-round.ts";

/**
 * What the aggregator reads in privacy mode B. An envelope that does not open, holds something else than was committed to, or keeps an auditor out,
 * counts as a payload that never came: its seat is excluded.
 * @throws escrow-invalid: the auditors are operators; envelope-key-missing: no operator here has a key
 */
export async function openEnvelopes(
  { kernel, operators }: OperatorContext,
  { escrow, federation, round, entries, modelSpec }: SealedRound,
  readerOf: (operator: Address) => EscrowReader | null,
): Promise<Map<number, Int16Array>> {
  const updates = new Map<number, Int16Array>();
  if (escrow === undefined || escrow === null) return updates;
  const epoch = await kernel.operators.read.currentEpoch();
  requireIndependentAuditors(escrow.register, await kernel.operators.read.signersOf([epoch.number]));
  const reader = operators.filter(isHere).map(({ account }) => readerOf(account.address)).find((found) => found !== null);
  if (reader === undefined || reader === null) throw protocolError("envelope-key-missing", `Round ${round} is escrowed, and no operator here has a key to it.`);
  const place = { chainId: kernel.deployment.chainId, ledger: kernel.rounds.address, federation, round };
  for (const entry of entries) {
    const envelope = escrow.envelopes.get(entry.seat);
    if (envelope === undefined) continue;
    try {
      const { payload, slipProblem } = await reader.open(envelope, { ...place, seat: entry.seat, updateRoot: entry.updateRoot }, escrow.register);
      const update = int16Of(payload);
      if (slipProblem === null && update.length === parameterCount(modelSpec) && updateRoot(update) === entry.updateRoot) updates.set(entry.seat, update);
    } catch (error) {
      if (!(error instanceof ChongwenError)) throw error;
    }
  }
  return updates;
}
