/** What an answer may say, and how a note is bound to it. */
import { z } from "zod";
import type { Hex } from "viem";
import { concatHex, keccak256, stringToHex } from "viem/utils";
import { protocolError } from "../errors.ts";
import { address, bytes32, uint } from "../schema.ts";
import type { AnnotationAnswer } from "./statements.ts";

/** Answers that every task set has. Classes are numbered from 1 to at most `MAX_CLASS`. */
export const SPECIAL = { withdrawn: 0, uncertain: 201, ungradable: 202, identifiable: 203 } as const;
export const MAX_CLASS = 99;

/** Upper ends in seconds; beyond the last is one more bucket. Coarse, because exact times would tell about a person. */
export const SECONDS_BUCKETS = [2, 5, 10, 20, 60, 180] as const;
export const MAX_NOTE = 1000;
export const NO_NOTE: Hex = `0x${"00".repeat(32)}`;

export const secondsBucket = (seconds: number): number => {
  const bucket = SECONDS_BUCKETS.findIndex((end) => seconds < end);
  return bucket < 0 ? SECONDS_BUCKETS.length : bucket;
};

export const isClass = (answer: number): boolean => answer >= 1 && answer <= MAX_CLASS;

/** A note goes to the custodian alone; the answer names it by this. The salt keeps short notes from being guessed. */
export const noteHash = (salt: Hex, text: string): Hex => keccak256(concatHex([salt, stringToHex(text)]));

export const noteSchema = z.strictObject({ salt: bytes32, text: z.string().min(1).max(MAX_NOTE) });
export type Note = z.infer<typeof noteSchema>;

export const answerSchema = z.strictObject({
  taskSet: bytes32,
  task: uint(32),
  imageHash: bytes32,
  annotator: address,
  sessionKey: address,
  tier: z.int().min(1).max(3),
  revision: uint(16),
  answer: z.union([z.int().min(0).max(MAX_CLASS), z.literal([SPECIAL.uncertain, SPECIAL.ungradable, SPECIAL.identifiable])]),
  confidence: z.int().min(0).max(3),
  seconds: z.int().min(0).max(SECONDS_BUCKETS.length),
  incidental: z.boolean(),
  noteHash: bytes32,
});


/**
 * What the schema cannot say: the class exists, a note is there exactly when its hash is.
 * @param note As it came with the answer. @throws statement-invalid
 */
export function requireAnswer(answer: AnnotationAnswer, classes: readonly { readonly code: number }[], note: Note | null): void {
  if (isClass(answer.answer) && !classes.some(({ code }) => code === answer.answer)) {
    throw protocolError("statement-invalid", `The task set has no class ${answer.answer}.`);
  }
  if (answer.noteHash !== (note === null ? NO_NOTE : noteHash(note.salt, note.text))) {
    throw protocolError("statement-invalid", "The answer's note hash is not that of the note beside it.");
  }
  if (answer.answer === SPECIAL.withdrawn && answer.revision === 0) throw protocolError("statement-invalid", "There is no answer before the first that could be taken back.");
}
