/** A set of questions about pictures. Pictures are named by hash only: where they are shown is the custodian's affair, behind its login. */
import { z } from "zod";
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { canonicalJson, encodeJson, type Json } from "../bundle/canonical-json.ts";
import { protocolError } from "../errors.ts";
import { bytes32, firstIssue, uint } from "../schema.ts";
import { MAX_CLASS } from "./answers.ts";

export const TASK_SET_FORMAT = "chongwen-task-set";
const MAX_TASKS = 100_000;

/** Plain text in both languages. No address of any kind: nothing in a task set may lead a reader, or a browser, elsewhere. */
const words = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !/[a-z][a-z0-9+.-]*:\/\/|www\./i.test(text), "holds an address")
    .refine((text) => text.isWellFormed() && !hasControls(text), "holds control characters");
const both = (max: number) => z.strictObject({ en: words(max), zh: words(max) });

function hasControls(text: string): boolean {
  return [...text].some((character) => (character < " " && character !== "\n") || /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(character));
}

const classSchema = z.strictObject({
  /** Also the key that chooses it, up to 9. */
  code: z.int().min(1).max(MAX_CLASS),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  label: both(80),
  description: both(400).optional(),
});

const taskSchema = z.strictObject({
  /** SHA-256 of the picture's file, without metadata. */
  image: bytes32,
  /** How the picture is to be turned before it is looked at: the eight orientations of EXIF, whose tag is not kept. */
  turn: z.int().min(1).max(8),
});

export const taskSetSchema = z.strictObject({
  format: z.literal(TASK_SET_FORMAT),
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  edition: uint(16).min(1),
  chainId: uint(48).min(1),
  /** The ledger, `Rounds`; lower case. */
  ledger: z.string().regex(/^0x[0-9a-f]{40}$/),
  /** The dataset whose labels these become; 0 when none is registered. */
  dataset: uint(32),
  title: both(120),
  question: both(300),
  instructions: both(4000),
  /** What the pictures are, said beside every one of them. */
  pictures: both(200),
  /** Practice: answers count for nothing, and gold is shown to who has finished. */
  practice: z.boolean(),
  classes: z.array(classSchema).min(2).max(MAX_CLASS),
  /** Readings that a picture needs before it is judged. */
  readings: z.int().min(1).max(15),
  /** How many pictures one reader is given. */
  perReader: uint(32).min(1),
  /** Commits to the gold answers before the first reading; see gold.ts. */
  goldCommitment: bytes32,
  tasks: z.array(taskSchema).min(1).max(MAX_TASKS),
});

export type TaskSet = z.infer<typeof taskSetSchema>;
export type TaskClass = z.infer<typeof classSchema>;

/** @throws task-set-invalid */
export function readTaskSet(value: unknown): TaskSet {
  const parsed = taskSetSchema.safeParse(value);
  if (!parsed.success) throw protocolError("task-set-invalid", `The task set is not valid: ${firstIssue(parsed.error)}.`);
  const set = parsed.data;
  const distinct = (what: string, items: readonly (string | number)[]): void => {
    if (new Set(items).size !== items.length) throw protocolError("task-set-invalid", `The task set has ${what} twice.`);
  };
  distinct("a class code", set.classes.map(({ code }) => code));
  distinct("a class name", set.classes.map(({ name }) => name));
  distinct("a picture", set.tasks.map(({ image }) => image));
  if (set.perReader > set.tasks.length) throw protocolError("task-set-invalid", "perReader is more than there are tasks.");
  return set;
}

/** Names the task set, everything in it included. @throws json-invalid */
export const taskSetRoot = (set: TaskSet): Hex => keccak256(encodeJson(set as unknown as Json));

export const taskSetText = (set: TaskSet): string => canonicalJson(set as unknown as Json);
