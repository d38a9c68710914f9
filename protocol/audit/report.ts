/** What a verification says, as a file: the ladder, every source, every finding, and the command that says the same. docs/verify.md explains each field. */
import { z } from "zod";

/** From what is nearest the reader to what is furthest: each rung stands on those before it. */
export const RUNGS = ["page", "chain", "code", "record", "artefact", "meaning"] as const;
export type RungName = (typeof RUNGS)[number];

/**
 * computed: recomputed on this machine · proven: opened by a Merkle proof against a root on chain · agreed: several said the same, or a node of the reader's own ·
 * unchecked: nobody looked, and it is not called verified · failed: shown to be wrong.
 */
export const RUNG_STATES = ["computed", "proven", "agreed", "unchecked", "failed"] as const;
export type RungState = (typeof RUNG_STATES)[number];

const rung = z.strictObject({
  rung: z.enum(RUNGS),
  state: z.enum(RUNG_STATES),
  /** A stable word for why. */
  reason: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** What the sentence about it names. */
  values: z.record(z.string(), z.string()),
  /** Comparisons made for this rung, and how many of them failed. */
  checks: z.int().min(0),
  failures: z.int().min(0),
});

const finding = z.strictObject({ kind: z.enum(["mismatch", "unverified", "erased"]), entry: z.string(), subject: z.string(), message: z.string() });

export const verificationSchema = z.strictObject({
  format: z.literal("chongwen-verification"),
  version: z.literal(1),
  /** ISO 8601, by the reader's clock. */
  madeAt: z.iso.datetime(),
  /** What was asked about, as in the page's address: "round/3". */
  subject: z.string(),
  federation: z.int().min(0),
  /** The sum of it, as the exit code of the command line: 0 verified · 3 something differs · 5 something could not be looked at. */
  verdict: z.enum(["verified", "mismatch", "unverified"]),
  exitCode: z.union([z.literal(0), z.literal(3), z.literal(5)]),
  rungs: z.array(rung),
  findings: z.array(finding),
  comparisons: z.array(z.strictObject({ entry: z.string(), subject: z.string(), name: z.string(), ok: z.boolean(), expected: z.string(), actual: z.string() })),
  chain: z.strictObject({ chainId: z.int(), block: z.string(), needed: z.int(), endpoints: z.array(z.strictObject({ url: z.string(), said: z.string() })) }).nullable(),
  /** Every host that was contacted, with requests and bytes received. */
  contacted: z.array(z.strictObject({ host: z.string(), requests: z.int(), bytes: z.int() })),
  /** A byte was flipped on purpose: the report shows that it is noticed, and says nothing about the ledger. */
  tampered: z.string().nullable(),
  command: z.string(),
});

export type Verification = z.infer<typeof verificationSchema>;
export type Rung = Verification["rungs"][number];

