/**
 * What is signed while pictures are labelled. All bound to chain and ledger by the EIP-712 domain, whose contract is `Rounds`. None of it goes on chain:
 * a settlement commits to batch roots only. Specification: docs/annotation.md.
 */
import type { Address, Hex } from "viem";
import { defineStatement } from "../eip712/statement.ts";

/** A person lets a key in the page's memory sign answers for one task set, so that no wallet has to open for every picture. */
export type AnnotationSession = {
  readonly taskSet: Hex;
  readonly annotator: Address;
  readonly sessionKey: Address;
  /** Unix seconds. */
  readonly expiry: number;
};

/** One reading of one picture. The last revision counts; `answer` 0 takes the reading back. */
export type AnnotationAnswer = {
  readonly taskSet: Hex;
  readonly task: number;
  readonly imageHash: Hex;
  readonly annotator: Address;
  readonly sessionKey: Address;
  /** 1 first reading · 2 verification · 3 higher tier, after disagreement. */
  readonly tier: number;
  readonly revision: number;
  /** A class of the task set, or one of `SPECIAL`. */
  readonly answer: number;
  /** 0 not said · 1 low · 2 middling · 3 high. */
  readonly confidence: number;
  /** Index into `SECONDS_BUCKETS`: how long it took, coarsely. */
  readonly seconds: number;
  /** Something else in the picture that somebody should look at. */
  readonly incidental: boolean;
  /** Salted hash of a note to the custodian, or zero. */
  readonly noteHash: Hex;
};

/** The custodian has the answer. Each names the one before, so that none can be dropped unnoticed. */
export type AnnotationReceipt = {
  readonly taskSet: Hex;
  readonly annotator: Address;
  /** Digest of the answer. */
  readonly answerHash: Hex;
  /** 0, 1, … for this annotator in this task set. */
  readonly sequence: number;
  /** Digest of the receipt before; zero in the first. */
  readonly previous: Hex;
  readonly receivedAt: number;
};

/** All answers of one annotator so far, as one number that a settlement can commit to. */
export type AnnotationBatch = {
  readonly taskSet: Hex;
  readonly annotator: Address;
  readonly count: number;
  /** Tree over the answers' digests in order of their receipts. */
  readonly root: Hex;
  /** Digest of the last receipt. */
  readonly head: Hex;
};

/** The set is closed: nothing is added any more, and the gold answers may be opened. */
export type AnnotationClosing = {
  readonly taskSet: Hex;
  readonly annotators: number;
  readonly answers: number;
  /** Tree over the batches' digests, annotators ascending. */
  readonly root: Hex;
  readonly closedAt: number;
};

export const annotationSession = defineStatement<AnnotationSession>("AnnotationSession", [
  "bytes32 taskSet", "address annotator", "address sessionKey", "uint48 expiry",
]);

export const annotationAnswer = defineStatement<AnnotationAnswer>("AnnotationAnswer", [
  "bytes32 taskSet", "uint32 task", "bytes32 imageHash", "address annotator", "address sessionKey", "uint8 tier", "uint16 revision", "uint8 answer",
  "uint8 confidence", "uint8 seconds", "bool incidental", "bytes32 noteHash",
]);

export const annotationReceipt = defineStatement<AnnotationReceipt>("AnnotationReceipt", [
  "bytes32 taskSet", "address annotator", "bytes32 answerHash", "uint32 sequence", "bytes32 previous", "uint48 receivedAt",
]);

export const annotationBatch = defineStatement<AnnotationBatch>("AnnotationBatch", [
  "bytes32 taskSet", "address annotator", "uint32 count", "bytes32 root", "bytes32 head",
]);

export const annotationClosing = defineStatement<AnnotationClosing>("AnnotationClosing", [
  "bytes32 taskSet", "uint32 annotators", "uint32 answers", "bytes32 root", "uint48 closedAt",
]);
