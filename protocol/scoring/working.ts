/**
 * Every number between the evidence and the scores of a settlement by `quality-v1`: `working.json` of its bundle. Whoever recomputes gets the same bytes; whoever is paid
 * reads in it why. docs/protocol.md, “Quality settlements”.
 */
import { z } from "zod";
import { decodeJson, encodeJson } from "../bundle/canonical-json.ts";
import { toJson } from "../bundle/struct-json.ts";
import { protocolError } from "../errors.ts";
import { bigUint, firstIssue, uint } from "../schema.ts";
import { TIERS } from "../terms/terms.ts";

export const WORKING_FORMAT = "chongwen-working";
export const WORKING_LIMIT = 2 ** 26;

/** What the bundle of a quality settlement holds besides its columns; an open holdout comes with the files of `holdout-files.ts`. */
export const QUALITY_FILES = { terms: "terms.json", evidence: "evidence.json", working: "working.json", reputation: "reputation.bin" } as const;

/** Scores of a settlement sum to this: a share of the pool in parts per million, times another million. */
export const WHOLE = 1_000_000_000_000n;

/** What a term is worth. enforced: the contracts refused anything else · recomputable: everybody gets the same from public artefacts · attested: somebody signed it. */
export const BACKINGS = ["enforced", "recomputable", "attested"] as const;
export type Backing = (typeof BACKINGS)[number];

const amount = bigUint(96);
const amounts = z.array(amount).max(2 ** 16);
const whole = z.int().min(-1_000_000_000).max(1_000_000_000);

/** All lists by seat. */
const tierSchema = z.strictObject({
  tier: z.enum(TIERS),
  /** Of 10^12. */
  pool: amount,
  backing: z.array(z.enum(BACKINGS)).min(1).max(3),
  /** What the pool is divided by: points; data on an open holdout: share in 10^−9; community: sixths of votes. */
  points: amounts,
  /** How many parties have points, and the most that one of them gets. */
  parties: uint(32),
  ceiling: amount,
  /** Before reputation: what a seat did. */
  earned: amounts,
  /** Seats that reputation keeps from being paid. */
  gated: z.array(uint(32)).max(2 ** 16),
  scores: amounts,
  nobody: amount,
});

const clusterSchema = z.strictObject({
  seats: z.array(uint(32)),
  records: uint(32),
  qualityPpm: whole,
  passed: uint(32),
  phiPpm: whole,
  competencePpm: whole,
  directionPpm: whole,
  marginalPpb: amount,
  meritPpb: amount,
  sharePpb: amount,
});

/** The data tier on an open holdout, term by term. */
const dataSchema = z.strictObject({
  startPpm: whole,
  endPpm: whole,
  lambdaPpm: whole,
  entries: z.array(z.strictObject({ round: uint(32), seat: uint(32), reason: z.enum(["zero", "replayed", "noise", "norm"]).nullable() })),
  clusters: z.array(clusterSchema),
});

const schema = z.strictObject({
  format: z.literal(WORKING_FORMAT),
  version: z.literal(1),
  /** Null when nothing was judged here: the holdout is private, or none was committed in time. */
  data: dataSchema.nullable(),
  tiers: z.array(tierSchema).length(TIERS.length),
  scores: z.strictObject({ seats: amounts, nobody: amount }),
});

export type TierWorking = z.infer<typeof tierSchema>;
export type DataWorking = z.infer<typeof dataSchema>;
export type Working = z.infer<typeof schema>;

/** @throws evidence-invalid */
export function encodeWorking(working: Working): Uint8Array {
  const json = toJson(working);
  parse(json);
  return encodeJson(json);
}

/** @throws json-invalid, evidence-invalid */
export const decodeWorking = (bytes: Uint8Array): Working => parse(decodeJson(bytes, "working.json", WORKING_LIMIT));

function parse(value: unknown): Working {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw protocolError("evidence-invalid", `The working is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  return parsed.data;
}
