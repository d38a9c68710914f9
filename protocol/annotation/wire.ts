/** What page and custodian say to each other. Both sides read it with these. */
import { z } from "zod";
import { address, bigUint, bytes32, uint } from "../schema.ts";
import { answerSchema, noteSchema } from "./answers.ts";
import { accountSignature, delegationSchema, keySignature, recordSchema, signedBatchSchema } from "./receipts.ts";
import type { ReaderTerms } from "./score.ts";
import { taskSetSchema } from "./task-set.ts";

const both = z.strictObject({ en: z.string().max(4000), zh: z.string().max(4000) });

/** Before the login: nothing that only readers may know. `resource` stands in the login's message, so that it is good for this custodian alone. */
export const aboutSchema = z.strictObject({
  name: both,
  key: address,
  chainId: uint(48),
  ledger: address,
  resource: z.url().max(300),
  sets: z.array(z.strictObject({ root: bytes32, title: both, tasks: uint(32), practice: z.boolean(), closed: z.boolean() })),
});
export const nonceSchema = z.strictObject({ nonce: z.string().regex(/^[a-zA-Z0-9]{32,64}$/), expiresAt: uint(48) });
/** An EIP-4361 message and its signature. */
export const loginSchema = z.strictObject({ message: z.string().max(2000), signature: accountSignature });
export const entrySchema = z.strictObject({
  token: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  annotator: address,
  /** Highest tier that the account may read in. */
  tier: z.int().min(1).max(3),
  organisation: uint(32),
  expiresAt: uint(48),
});

export const delegateSchema = delegationSchema;
export const setSchema = z.strictObject({ set: taskSetSchema, closed: z.boolean() });

/** What comes next, at most a few, so that pictures can be fetched ahead. `revision`: of the answer to be given. */
export const workSchema = z.strictObject({
  tier: z.int().min(1).max(3),
  done: uint(32),
  total: uint(32),
  next: z.array(z.strictObject({ task: uint(32), image: bytes32, turn: z.int().min(1).max(8), revision: uint(16) })).max(5),
});

export const submitSchema = z.strictObject({ answer: answerSchema, signature: keySignature, note: noteSchema.nullable() });
/** `peers`: for a verification, whether the first readers said the same. Told only now, when the answer cannot be changed any more. */
export const submittedSchema = z.strictObject({ record: recordSchema, peers: z.strictObject({ agreeing: uint(32), pairs: uint(32) }).nullable() });

export const bookSchema = z.strictObject({ records: z.array(recordSchema), delegations: z.array(delegationSchema), batch: signedBatchSchema.nullable() });

const count = z.int().min(0);
const parts = z.int().min(-1_000_000).max(1_000_000);
const correlation = { pictures: uint(32), pairs: count, agreeing: count, crossed: count };
/** One reader's terms, for that reader alone; see score.ts. */
export const termsSchema: z.ZodType<ReaderTerms> = z.strictObject({
  tasks: uint(32),
  weightPpm: count,
  gold: z.strictObject({ ...correlation, perfect: count, accuracyPpm: parts, chancePpm: parts, gainPpm: parts }),
  peers: z.strictObject({ ...correlation, agreementPpm: parts, gainPpm: parts, countedPpm: parts }),
  scorePpm: parts,
  gainPpm: parts,
  points: bigUint(64),
});

/** Figures that would tell which pictures are gold are null until they may be told. `terms`: also when nothing is paid for the set, as for practice. */
export const standingSchema = z.strictObject({
  gold: z.strictObject({ right: uint(32), wrong: uint(32), abstained: uint(32) }).nullable(),
  peers: z.strictObject({ agreeing: uint(32), pairs: uint(32), alphaPpm: z.int().min(-1_000_000_000).max(1_000_000).nullable(), units: uint(32) }).nullable(),
  terms: z.strictObject({ annotation: termsSchema, verification: termsSchema }).nullable(),
});

/** Every refusal. */
export const refusalSchema = z.strictObject({ code: z.string().max(60), message: z.string().max(500), fix: z.string().max(500), retryable: z.boolean().optional() });

export type About = z.infer<typeof aboutSchema>;
export type Entry = z.infer<typeof entrySchema>;
export type Work = z.infer<typeof workSchema>;
export type Submission = z.infer<typeof submitSchema>;
export type Submitted = z.infer<typeof submittedSchema>;
export type Book = z.infer<typeof bookSchema>;
export type Standing = z.infer<typeof standingSchema>;
export type Refusal = z.infer<typeof refusalSchema>;

/** JSON of a message: addresses in lower case and large numbers in decimal, as the schemas read them. */
export const toWire = (message: unknown): string =>
  JSON.stringify(message, (_, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    return typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value) ? value.toLowerCase() : value;
  });
