/** What a reader takes home of every answer, and how anyone checks it: signatures, and the chain from receipt to receipt. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { isAddressEqual, recoverAddress } from "viem/utils";
import type { Domain } from "../eip712/hash.ts";
import { address, bytes32, uint } from "../schema.ts";
import { answerSchema } from "./answers.ts";
import { batchRoot } from "./batch.ts";
import { annotationAnswer, annotationBatch, annotationReceipt, annotationSession, type AnnotationBatch, type AnnotationSession } from "./statements.ts";

export const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;

/** 65 bytes of a key. */
export const keySignature = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{130}$/.test(value), "expected a signature of 65 bytes");
/** A contract account's signature can be long: a passkey's, wrapped for an account that is not deployed yet. */
export const accountSignature = z.custom<Hex>((value) => typeof value === "string" && /^0x([0-9a-f]{2}){1,8192}$/.test(value), "expected a signature");

export const sessionSchema = z.strictObject({ taskSet: bytes32, annotator: address, sessionKey: address, expiry: uint(48) });
export const receiptSchema = z.strictObject({ taskSet: bytes32, annotator: address, answerHash: bytes32, sequence: uint(32), previous: bytes32, receivedAt: uint(48) });
export const batchSchema = z.strictObject({ taskSet: bytes32, annotator: address, count: uint(32), root: bytes32, head: bytes32 });

/** An answer, its signature by the session key, and the custodian's receipt for it. */
export const recordSchema = z.strictObject({ answer: answerSchema, signature: keySignature, receipt: receiptSchema, receiptSignature: keySignature });
export type AnswerRecord = z.infer<typeof recordSchema>;

export const delegationSchema = z.strictObject({ session: sessionSchema, signature: accountSignature });
export type Delegation = z.infer<typeof delegationSchema>;

export const signedBatchSchema = z.strictObject({ batch: batchSchema, signature: keySignature });
export type SignedBatch = z.infer<typeof signedBatchSchema>;

/** Whether `signer` made this signature; never throws. */
export async function isSignedBy(signer: Address, digest: Hex, signature: Hex): Promise<boolean> {
  try {
    return isAddressEqual(await recoverAddress({ hash: digest, signature }), signer);
  } catch {
    return false;
  }
}

export const RECEIPT_PROBLEMS = ["session", "answer-signature", "receipt-signature", "receipt-answer", "sequence", "previous", "annotator", "batch-signature", "batch-root"] as const;
export type ReceiptProblem = (typeof RECEIPT_PROBLEMS)[number];

/** @param sequence Of the record that it concerns; null for all of them. */
export interface ReceiptFinding {
  readonly problem: ReceiptProblem;
  readonly sequence: number | null;
}

export interface ReceiptBook {
  readonly domain: Domain;
  readonly custodian: Address;
  readonly annotator: Address;
  /** In order of their sequence. */
  readonly records: readonly AnswerRecord[];
  readonly delegations: readonly Delegation[];
  readonly batch: SignedBatch | null;
}

/**
 * @param verifyAccount Whether an account, a contract perhaps, made a signature: asks the chain.
 * @returns Nothing when every answer was signed by a key that the annotator appointed, and every receipt by the custodian, without a gap.
 */
export async function checkReceipts(book: ReceiptBook, verifyAccount: (account: Address, digest: Hex, signature: Hex) => Promise<boolean>): Promise<ReceiptFinding[]> {
  const findings: ReceiptFinding[] = [];
  const appointed: AnnotationSession[] = [];
  for (const { session, signature } of book.delegations) {
    if (isAddressEqual(session.annotator, book.annotator) && (await verifyAccount(book.annotator, annotationSession.digest(book.domain, session), signature))) appointed.push(session);
    else findings.push({ problem: "session", sequence: null });
  }
  let previous = ZERO_HASH;
  const digests: Hex[] = [];
  for (const [at, record] of book.records.entries()) {
    const { digest, receipt, problems } = await checkRecord(book, record, appointed);
    if (record.receipt.sequence !== at) problems.push("sequence");
    if (record.receipt.previous !== previous) problems.push("previous");
    findings.push(...problems.map((problem): ReceiptFinding => ({ problem, sequence: at })));
    digests.push(digest);
    previous = receipt;
  }
  if (book.batch !== null) findings.push(...(await checkBatch(book, book.batch, digests, previous)));
  return findings;
}

async function checkRecord({ domain, custodian, annotator }: ReceiptBook, record: AnswerRecord, appointed: readonly AnnotationSession[]) {
  const { answer, signature, receipt, receiptSignature } = record;
  const problems: ReceiptProblem[] = [];
  const digest = annotationAnswer.digest(domain, answer);
  const receiptDigest = annotationReceipt.digest(domain, receipt);
  if (!isAddressEqual(answer.annotator, annotator) || !isAddressEqual(receipt.annotator, annotator) || receipt.taskSet !== answer.taskSet) problems.push("annotator");
  const allowed = appointed.some(({ taskSet, sessionKey, expiry }) => taskSet === answer.taskSet && isAddressEqual(sessionKey, answer.sessionKey) && receipt.receivedAt <= expiry);
  if (!allowed) problems.push("session");
  if (!(await isSignedBy(answer.sessionKey, digest, signature))) problems.push("answer-signature");
  if (receipt.answerHash !== digest) problems.push("receipt-answer");
  if (!(await isSignedBy(custodian, receiptDigest, receiptSignature))) problems.push("receipt-signature");
  return { digest, receipt: receiptDigest, problems };
}

async function checkBatch({ domain, custodian, annotator }: ReceiptBook, { batch, signature }: SignedBatch, digests: readonly Hex[], head: Hex): Promise<ReceiptFinding[]> {
  const findings: ReceiptFinding[] = [];
  const find = (problem: ReceiptProblem): void => void findings.push({ problem, sequence: null });
  if (!isAddressEqual(batch.annotator, annotator) || !(await isSignedBy(custodian, annotationBatch.digest(domain, batch), signature))) find("batch-signature");
  if (batch.count !== digests.length || batch.root !== batchRoot(digests) || batch.head !== head) find("batch-root");
  return findings;
}

/** What the custodian signs for the answers so far. */
export const batchOf = (taskSet: Hex, annotator: Address, answerDigests: readonly Hex[], head: Hex): AnnotationBatch => ({
  taskSet, annotator, count: answerDigests.length, root: batchRoot(answerDigests), head,
});
