import { ChongwenError } from "../../protocol/errors.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import type { AskContext } from "./ask.ts";
import type { OpenDemand } from "./demands.ts";
import { readReport } from "./read-round.ts";
import type { WatchCall } from "./sender.ts";
import type { Now } from "./time.ts";

/**
 * Ends demands whose time is over: one of the present attempt overturns the report, whoever made it; of our own from an attempt that is over, the bond
 * comes back.
 * @returns Whether a report was overturned.
 */
export async function closeDemands(context: Omit<AskContext, "limits" | "journal">, open: readonly OpenDemand[], now: Now): Promise<boolean> {
  const { kernel, sender } = context;
  for (const demand of open) {
    const { key, deadline, demander } = demand;
    const { federation, round, attempt } = key;
    const state = await kernel.rounds.read.roundOf([federation, round]);
    const lasts = ROUND_STATES[state.state] === "Reported" && state.attempt === attempt;
    if (lasts && now.timestamp >= deadline) {
      const report = await readReport(kernel, federation, round);
      if (report === null) continue;
      return send(context, { kind: "expire", ...kernel.demands, functionName: "expire", args: [key, report] }, `round ${round}`, `${demand.kind} was not shown in time`);
    } else if (!lasts && demander === sender.account.address) {
      await send(context, { kind: "refund", ...kernel.demands, functionName: "refund", args: [key] }, `round ${round}`, `deposit of ${demand.deposit} wei`);
    }
  }
  return false;
}

async function send({ sender, observer }: Pick<AskContext, "sender" | "observer">, call: WatchCall, subject: string, note: string): Promise<boolean> {
  try {
    const { hash, block, gas } = await sender.send(call);
    observer.acted({ action: call.kind === "expire" ? "expired" : "refunded", subject, transaction: hash, block, gas, note });
    return true;
  } catch (error) {
    // Somebody else did it.
    if (!(error instanceof ChongwenError) || error.code !== "call-refused") throw error;
    return false;
  }
}
