import { isAddressEqual, type Hex, type PrivateKeyAccount } from "viem";
import {
  annotationAnswer, annotationReceipt, isSignedBy, peerPairs, requireAnswer, SPECIAL, ZERO_HASH, type AnswerRecord, type Submission, type Submitted,
} from "../../protocol/annotation/index.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Domain } from "../../protocol/index.ts";
import { Refused } from "../service/refusal.ts";
import type { CustodianJournal, StoredSet } from "./journal.ts";
import type { Session } from "./login.ts";
import { isAssigned, mayBeTold, nextRevision, readingsOf } from "./work.ts";

export interface SubmitContext {
  readonly key: PrivateKeyAccount;
  readonly domain: Domain;
  readonly journal: CustodianJournal;
  readonly now: () => number;
}

/** Checks an answer, writes it with its receipt, and says what a verifier may know. Called one at a time: a receipt names the one before. */
export async function submit(context: SubmitContext, stored: StoredSet, session: Session, submission: Submission): Promise<Submitted> {
  const { journal, domain } = context;
  const { answer, signature, note } = submission;
  const digest = await requireSigned(context, stored, session, submission);
  const known = journal.recordOf(digest);
  if (known !== null) return { record: known, peers: peersOf(stored, journal, known) };
  requirePlace(context, stored, session, submission);
  const last = journal.lastOf(stored.root, session.annotator)?.receipt;
  const receipt = {
    taskSet: stored.root,
    annotator: session.annotator,
    answerHash: digest,
    sequence: last === undefined ? 0 : last.sequence + 1,
    previous: last === undefined ? ZERO_HASH : annotationReceipt.digest(domain, last),
    receivedAt: Math.floor(context.now()),
  };
  const record: AnswerRecord = { answer, signature, receipt, receiptSignature: await context.key.sign({ hash: annotationReceipt.digest(domain, receipt) }) };
  journal.add(record, session.organisation, note, answer.answer === SPECIAL.identifiable);
  return { record, peers: peersOf(stored, journal, record) };
}

/** Who says it, of what, in whose name. @returns The answer's digest */
async function requireSigned({ journal, domain, now }: SubmitContext, stored: StoredSet, session: Session, { answer, signature, note }: Submission): Promise<Hex> {
  if (!isAddressEqual(answer.annotator, session.annotator)) throw new Refused("signature-refused", "The answer is another reader's.");
  if (answer.taskSet !== stored.root) throw new Refused("signature-refused", "The answer is for another task set.");
  try {
    requireAnswer(answer, stored.set.classes, note);
  } catch (cause) {
    if (cause instanceof ChongwenError) throw new Refused("answer-refused", cause.message, cause);
    throw cause;
  }
  const expiry = journal.expiryOf(stored.root, session.annotator, answer.sessionKey);
  if (expiry === null || expiry <= now()) throw new Refused("signature-refused", "The reader has not let this key sign for the task set, or no longer.");
  const digest = annotationAnswer.digest(domain, answer);
  if (!(await isSignedBy(answer.sessionKey, digest, signature))) throw new Refused("signature-refused", "The answer is not signed by the session's key.");
  return digest;
}

/** Whether this reader may say this of this picture now. */
function requirePlace({ journal }: SubmitContext, stored: StoredSet, session: Session, { answer }: Submission): void {
  if (stored.closedAt !== null) throw new Refused("set-closed", "The task set is closed.");
  if (answer.tier > session.tier) throw new Refused("tier-refused", `The account reads in tier ${session.tier} at most.`);
  const task = stored.set.tasks[answer.task];
  const readings = readingsOf(journal, stored);
  if (task === undefined || !isAssigned(stored, readings, session, answer.tier, answer.task)) throw new Refused("not-your-task", "The picture is not among those given to you.");
  if (task.image !== answer.imageHash) throw new Refused("answer-refused", "The answer is about another picture than the task's.");
  const own = readings.of(session.annotator, answer.tier).get(answer.task);
  if (own === undefined && journal.withheld(stored.root).has(answer.task)) throw new Refused("picture-withheld", "The picture is not shown any more.");
  if (answer.revision > 0 && (answer.tier > 1 || mayBeTold(stored, journal, session))) throw new Refused("answer-final", "The answer cannot be changed any more.");
  if (answer.revision !== nextRevision(own)) throw new Refused("answer-given", `Revision ${nextRevision(own)} comes next.`);
}

/** Told of verifications only, which are final: whoever could still change an answer would learn what to say. */
function peersOf(stored: StoredSet, journal: CustodianJournal, { answer }: AnswerRecord): Submitted["peers"] {
  if (answer.tier === 1) return null;
  const firsts = readingsOf(journal, stored).to(answer.task).filter((row) => row.tier === 1 && row.annotator !== answer.annotator.toLowerCase());
  return peerPairs(new Map([[answer.task, answer.answer]]), new Map([[answer.task, firsts.map((row) => row.answer)]]));
}
