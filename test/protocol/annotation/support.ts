// A small task set, an annotator with a session, and a custodian that signs receipts: all with known keys.
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  annotationAnswer, annotationBatch, annotationReceipt, annotationSession, batchOf, goldCommitment, NO_NOTE, readTaskSet, TASK_SET_FORMAT, taskSetRoot, ZERO_HASH,
  type AnnotationAnswer, type AnswerRecord, type Gold, type ReceiptBook, type TaskSet,
} from "../../../protocol/annotation/index.ts";
import { createDomain } from "../../../protocol/index.ts";

export const key = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
export const word = key;
const both = (text: string) => ({ en: text, zh: `${text}（中文）` });

export const gold: Gold = { salt: word(77), entries: [{ task: 1, answer: 2, level: "histo" }, { task: 3, answer: 1, level: "consensus" }] };

export const taskSetJson = {
  format: TASK_SET_FORMAT, version: 1, id: "test", edition: 1, chainId: 31337, ledger: `0x${"ab".repeat(20)}`, dataset: 0,
  title: both("Test"), question: both("Which?"), instructions: both("Look, then answer."), pictures: both("drawn"), practice: false,
  classes: [{ code: 1, name: "one", label: both("One") }, { code: 2, name: "two", label: both("Two") }],
  readings: 2, perReader: 6, goldCommitment: goldCommitment(gold),
  tasks: Array.from({ length: 6 }, (_, i) => ({ image: word(100 + i), turn: 1 })),
};
export const taskSet: TaskSet = readTaskSet(taskSetJson);
export const root = taskSetRoot(taskSet);
export const domain = createDomain(31337, `0x${"ab".repeat(20)}`);

export const annotator = privateKeyToAccount(key(1));
export const session = privateKeyToAccount(key(2));
export const custodian = privateKeyToAccount(key(3));

export function answerTo(task: number, answer: number, more: Partial<AnnotationAnswer> = {}): AnnotationAnswer {
  return {
    taskSet: root, task, imageHash: taskSet.tasks[task]?.image ?? ZERO_HASH, annotator: annotator.address, sessionKey: session.address, tier: 1, revision: 0, answer,
    confidence: 2, seconds: 1, incidental: false, noteHash: NO_NOTE, ...more,
  };
}

/** A book as an honest custodian keeps it. */
export async function bookOf(answers: readonly AnnotationAnswer[]): Promise<ReceiptBook> {
  const statement = { taskSet: root, annotator: annotator.address, sessionKey: session.address, expiry: 2000 };
  const delegations = [{ session: statement, signature: await annotator.sign({ hash: annotationSession.digest(domain, statement) }) }];
  const records: AnswerRecord[] = [];
  let previous = ZERO_HASH;
  for (const [sequence, answer] of answers.entries()) {
    const answerHash = annotationAnswer.digest(domain, answer);
    const receipt = { taskSet: root, annotator: annotator.address, answerHash, sequence, previous, receivedAt: 1000 + sequence };
    previous = annotationReceipt.digest(domain, receipt);
    records.push({ answer: answer as AnswerRecord["answer"], signature: await session.sign({ hash: answerHash }), receipt, receiptSignature: await custodian.sign({ hash: previous }) });
  }
  const batch = batchOf(root, annotator.address, records.map(({ receipt }) => receipt.answerHash), previous);
  return {
    domain, custodian: custodian.address, annotator: annotator.address, records, delegations,
    batch: { batch, signature: await custodian.sign({ hash: annotationBatch.digest(domain, batch) }) },
  };
}
