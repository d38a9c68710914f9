import type { Hono } from "hono";
import type { PrivateKeyAccount } from "viem";
import {
  coarse, countsSchema, feedbackReceipt, modelFeedback, sendSchema, sentSchema, serviceSchema, SMALLEST_CELL, textHash, VERDICTS, type FeedbackSent, type FeedbackSubmission,
} from "../../protocol/feedback/index.ts";
import { ZERO_HASH } from "../../protocol/annotation/index.ts";
import { createServiceApp, readBody, send, type ServiceRules } from "../service/app.ts";
import type { ServiceLedger } from "../service/ledger.ts";
import { Refused } from "../service/refusal.ts";
import type { FeedbackJournal } from "./journal.ts";

export interface FeedbackService {
  readonly key: PrivateKeyAccount;
  readonly ledger: ServiceLedger;
  readonly journal: FeedbackJournal;
  readonly rules: Pick<ServiceRules, "allowsHost" | "allowsOrigin" | "now" | "warn">;
  /** Statements in 24 hours. An account costs nothing, so the second one bounds what many accounts can do. */
  readonly perAccount?: number;
  readonly perDay?: number;
}

const DAY = 86_400;

/**
 * Takes what users say of a model's predictions. Every statement is signed by its user and receipted by the service; what is told of them is counts of
 * at least five, so that nobody's verdict can be read off. Trust: the service can leave statements out of its counts, but not deny one it gave a receipt for.
 */
export function createFeedbackApp({ key, ledger, journal, rules, perAccount = 50, perDay = 5000 }: FeedbackService): Hono {
  const app = createServiceApp({ ...rules, maxBody: 32_768, perMinute: 120 });
  /** One at a time: a receipt names the one before. */
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  app.get("/feedback", (context) => send(context, serviceSchema, { key: key.address, chainId: ledger.chainId, ledger: ledger.domain.verifyingContract }));

  app.post("/feedback", async (context) => {
    const submission = await readBody(context, sendSchema);
    const { feedback } = submission;
    if (feedback.textHash !== textHash(submission.text)) throw new Refused("request-invalid", "The text is not the one that was signed.");
    const digest = modelFeedback.digest(ledger.domain, feedback);
    const before = journal.receiptOf(digest);
    if (before !== null) return send(context, sentSchema, before);
    // Cheap refusals first; what asks the chain comes last.
    requireRoom(submission);
    if (!(await ledger.signed(feedback.user, digest, submission.signature))) throw new Refused("signature-refused", "The feedback is not signed by the account that it names.");
    if (!(await ledger.hasModel(feedback.federation, feedback.round, feedback.modelRoot))) throw new Refused("model-unknown", "The ledger has no such model in this round.");
    const member = (await ledger.memberOf(feedback.user)) !== null;
    return send(context, sentSchema, await inTurn(() => record(submission, digest, member)));
  });

  app.get("/feedback/:federation{[0-9]{1,10}}/:round{[0-9]{1,10}}", (context) => {
    const [federation, round] = [Number(context.req.param("federation")), Number(context.req.param("round"))];
    const counts = journal.counts(federation, round);
    const cell = (verdict: keyof typeof VERDICTS): number | null => coarse(counts.get(VERDICTS[verdict]) ?? 0);
    return send(context, countsSchema, { federation, round, k: SMALLEST_CELL, right: cell("right"), wrong: cell("wrong"), unsure: cell("unsure") });
  });

  function requireRoom({ feedback: { user, federation, round, inputHash } }: FeedbackSubmission): void {
    if (journal.knows(user, federation, round, inputHash)) throw new Refused("feedback-given", "The account has said something else of this input.");
    const since = rules.now() - DAY;
    if (journal.countSince(since, user) >= perAccount) throw new Refused("day-is-full", `An account gives at most ${perAccount} verdicts a day.`);
    if (journal.countSince(since, null) >= perDay) throw new Refused("day-is-full", "This service takes no more feedback today.");
  }

  async function record(submission: FeedbackSubmission, feedbackHash: `0x${string}`, member: boolean): Promise<FeedbackSent> {
    const again = journal.receiptOf(feedbackHash);
    if (again !== null) return again;
    requireRoom(submission);
    const { user } = submission.feedback;
    const last = journal.lastOf(user)?.receipt;
    const receipt = {
      user,
      feedbackHash,
      sequence: last === undefined ? 0 : last.sequence + 1,
      previous: last === undefined ? ZERO_HASH : feedbackReceipt.digest(ledger.domain, last),
      receivedAt: Math.floor(rules.now()),
    };
    const sent: FeedbackSent = { receipt, signature: await key.sign({ hash: feedbackReceipt.digest(ledger.domain, receipt) }) };
    journal.add({ ...submission, sent, member });
    return sent;
  }

  return app;
}
