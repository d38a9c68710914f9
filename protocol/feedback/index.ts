/** What users of a model say of its predictions. Specification: docs/annotation.md, “Feedback”. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { concatHex, keccak256, stringToHex } from "viem/utils";
import { accountSignature, keySignature } from "../annotation/receipts.ts";
import { defineStatement } from "../eip712/statement.ts";
import { address, bytes32, uint } from "../schema.ts";

export const VERDICTS = { right: 1, wrong: 2, unsure: 3 } as const;
export type Verdict = keyof typeof VERDICTS;

/** `user` is named, because one key can sign for several contract accounts. */
export type ModelFeedback = {
  readonly user: Address;
  readonly federation: number;
  readonly round: number;
  readonly modelRoot: Hex;
  /** Salted: see `hashInput`. */
  readonly inputHash: Hex;
  readonly predictedClass: number;
  readonly verdict: number;
  /** Of the text beside it; zero without. */
  readonly textHash: Hex;
};

export const modelFeedback = defineStatement<ModelFeedback>("ModelFeedback", [
  "address user", "uint32 federation", "uint32 round", "bytes32 modelRoot", "bytes32 inputHash", "uint16 predictedClass", "uint8 verdict", "bytes32 textHash",
]);

/** The service has it. A chain of its own for every user, as with annotation receipts. */
export type FeedbackReceipt = {
  readonly user: Address;
  readonly feedbackHash: Hex;
  readonly sequence: number;
  readonly previous: Hex;
  readonly receivedAt: number;
};

export const feedbackReceipt = defineStatement<FeedbackReceipt>("FeedbackReceipt", [
  "address user", "bytes32 feedbackHash", "uint32 sequence", "bytes32 previous", "uint48 receivedAt",
]);

export const MAX_TEXT = 500;
const NO_TEXT: Hex = `0x${"00".repeat(32)}`;

/** Names an input without giving it away: records have few possible values, so an unsalted hash could be guessed. The salt stays with the user. */
export const hashInput = (salt: Hex, input: Uint8Array): Hex => keccak256(concatHex([salt, keccak256(input)]));

export const textHash = (text: string): Hex => (text === "" ? NO_TEXT : keccak256(stringToHex(text)));

export const feedbackSchema = z.strictObject({
  user: address,
  federation: uint(32),
  round: uint(32),
  modelRoot: bytes32,
  inputHash: bytes32,
  predictedClass: uint(16),
  verdict: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  textHash: bytes32,
});

export const sendSchema = z.strictObject({ feedback: feedbackSchema, text: z.string().max(MAX_TEXT), signature: accountSignature });
export type FeedbackSubmission = z.infer<typeof sendSchema>;

export const receiptSchema = z.strictObject({ user: address, feedbackHash: bytes32, sequence: uint(32), previous: bytes32, receivedAt: uint(48) });
export const sentSchema = z.strictObject({ receipt: receiptSchema, signature: keySignature });
export type FeedbackSent = z.infer<typeof sentSchema>;

/** Counts below this are not told, and others are rounded down to a multiple of it: so two readings, one before and one after, do not tell of one person. */
export const SMALLEST_CELL = 5;

const cell = z.int().min(SMALLEST_CELL).multipleOf(SMALLEST_CELL).nullable();
/** Null: fewer than `k`. Other counts: at least so many. */
export const countsSchema = z.strictObject({ federation: uint(32), round: uint(32), k: z.literal(SMALLEST_CELL), right: cell, wrong: cell, unsure: cell });
export type FeedbackCounts = z.infer<typeof countsSchema>;

export const coarse = (count: number): number | null => (count < SMALLEST_CELL ? null : count - (count % SMALLEST_CELL));

/** Before anything is sent: which key signs receipts, and for which ledger. */
export const serviceSchema = z.strictObject({ key: address, chainId: uint(48), ledger: address });
