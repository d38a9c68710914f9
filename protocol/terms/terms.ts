/**
 * The terms of a federation that is paid by `quality-v1`: who shares the pool, by which rule the data tier is scored, and whose word counts where nobody can
 * recompute. One canonical JSON file; its keccak-256 is `FederationConfig.termsHash`, so every seal pins it. docs/protocol.md, “Terms”.
 */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { keccak256 } from "viem/utils";
import { decodeJson, encodeJson } from "../bundle/canonical-json.ts";
import { toJson } from "../bundle/struct-json.ts";
import { protocolError } from "../errors.ts";
import type { HeadShape } from "../evaluation/evaluation.ts";
import { address, firstIssue, uint } from "../schema.ts";

export const TERMS_FORMAT = "chongwen-terms";
export const TERMS_LIMIT = 2 ** 18;

/** One whole in parts per million: every ratio of the terms is such an integer. */
export const PPM = 1_000_000;

/** What a pool is divided between. */
export const TIERS = ["data", "annotation", "verification", "compute", "model", "feedback", "community"] as const;
export type Tier = (typeof TIERS)[number];

/** Tiers whose points somebody may have to sign, because they cannot be recomputed by everybody. `data` is one of them when the holdout is private. */
export const POINT_TIERS = ["data", "annotation", "verification", "compute", "feedback"] as const;
export type PointTier = (typeof POINT_TIERS)[number];

/** More would be a second pool that votes divide, beside the one that work divides. */
export const MAX_COMMUNITY_PPM = 50_000;

export const UTILITIES = ["macro-auc", "log-likelihood", "mean-absolute-error"] as const;
export type Utility = (typeof UTILITIES)[number];

const ppm = z.int().min(0).max(PPM);
/** Multiples of the fair share: at least one of them, or a tier could never be paid out. */
const multiple = z.int().min(PPM).max(1_000 * PPM);

const ascendingIssuers = z
  .array(address)
  .max(64)
  .refine((list) => list.every((issuer, i) => i === 0 || BigInt(list[i - 1]!) < BigInt(issuer)), "addresses must ascend, each once");

const sharesSchema = z
  .strictObject({ data: ppm, annotation: ppm, verification: ppm, compute: ppm, model: ppm, feedback: ppm, community: ppm.max(MAX_COMMUNITY_PPM) })
  .refine((shares) => TIERS.reduce((sum, tier) => sum + shares[tier], 0) === PPM, "shares must sum to 1000000");

const dataSchema = z.strictObject({
  utility: z.enum(UTILITIES),
  /** Where the evaluated head lies in the model, and how records are quantised. */
  head: z.strictObject({ headLane: uint(32), features: z.int().min(1).max(2 ** 16), classes: z.int().min(1).max(256), featureBits: z.int().min(0).max(30) }),
  /** Fraction bits of the head's tensors. */
  gridBits: z.int().min(0).max(30),
  /** `open`: committed before the window, revealed in the settlement, recomputed by everybody. `private`: its custodian scores and signs. */
  holdout: z.enum(["open", "private"]),
  /** Most of a share that marginal value may decide; competence, size and verified-label quality decide the rest. */
  lambdaPpm: ppm,
  /** Gain of the window at which half of `lambdaPpm` counts: what the holdout's own noise hides should decide nothing. */
  shrinkPpm: ppm,
  /** Most that a cluster gets, in multiples of the fair share. */
  ceilingPpm: multiple,
  /** Records of a seat beyond these do not count. */
  recordCap: z.int().min(1).max(2 ** 32 - 1),
  /** Clusters up to which Shapley values are exact; at most 12, because 2^n coalitions are evaluated. */
  exactClusters: z.int().min(0).max(12),
  /** Permutations beyond that, drawn in antithetic pairs. */
  permutations: z.int().min(2).max(10_000).multipleOf(2),
  /** A seat whose updates are less correlated with every other's than this multiple of what random vectors are sends noise; 0 asks nothing. */
  coherencePpm: z.int().min(0).max(1_000 * PPM),
  /** A cluster whose updates lead backward by more than this earns nothing: what the holdout's own noise can look like is not held against it. */
  backwardPpm: ppm,
  /** An update whose cosine with the model's last move reaches this repeats it. */
  replayCosinePpm: ppm,
  /** Norms allowed, in multiples of the round's median. */
  normFloorPpm: ppm,
  normCeilingPpm: multiple,
  /** Two seats whose updates reach this cosine in this part of the rounds that both took part in are one cluster. */
  clusterCosinePpm: ppm,
  clusterRoundsPpm: ppm,
  /** Part of the share of a cluster with copies that rolls over. */
  copyPenaltyPpm: ppm,
  /** Weight of a record by the level at which its label was verified, level 0 (nobody did) first. */
  levelQualityPpm: z
    .array(ppm)
    .min(1)
    .max(16)
    .refine((levels) => levels.every((quality, i) => i === 0 || levels[i - 1]! <= quality), "a higher level must not count less"),
});

const issuersSchema = z.strictObject({ data: ascendingIssuers, annotation: ascendingIssuers, verification: ascendingIssuers, compute: ascendingIssuers, feedback: ascendingIssuers });

const schema = z.strictObject({
  format: z.literal(TERMS_FORMAT),
  version: z.literal(1),
  shares: sharesSchema,
  data: dataSchema,
  /** Who may sign points, by tier. */
  issuers: issuersSchema,
  /** Compute points that one signed report is worth: the exchange with the points of issuers. */
  compute: z.strictObject({ reportPoints: z.int().min(0).max(1_000_000_000) }),
  /** Fixed parts of the model's tier. */
  model: z.strictObject({
    authors: z
      .array(z.strictObject({ seat: uint(32), parts: z.int().min(1).max(PPM) }))
      .max(256)
      .refine((authors) => authors.every(({ seat }, i) => i === 0 || authors[i - 1]!.seat < seat), "seats must ascend, each once"),
  }),
  /** As `data.ceilingPpm`, for the tiers of points. */
  tierCeilingPpm: multiple,
  reputation: z.strictObject({
    /** Verification pays only those whose reputation as annotators less its uncertainty reaches this: −1000000 asks for nothing. */
    verificationGatePpm: z.int().min(-PPM).max(PPM),
    /** Data pays only those whose reputation plus its uncertainty reaches this: 0 asks for nothing. */
    dataFloorPpm: ppm,
  }),
});

export type Terms = z.infer<typeof schema>;
export type DataTerms = Terms["data"];
export type TierShares = Terms["shares"];
export type Issuers = Terms["issuers"];

/** Checks terms that a program put together. @throws terms-invalid */
export function parseTerms(value: unknown): Terms {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw protocolError("terms-invalid", `The terms are malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  return parsed.data;
}

/** The file of terms. @throws terms-invalid */
export function encodeTerms(terms: Terms): Uint8Array {
  const json = toJson(terms);
  parseTerms(json);
  return encodeJson(json);
}

/** `FederationConfig.termsHash`. @throws terms-invalid */
export const termsHash = (terms: Terms): Hex => keccak256(encodeTerms(terms));

const headSchema = z.looseObject({ format: z.literal(TERMS_FORMAT), version: z.int() });

/** @throws json-invalid, terms-invalid, version-unknown */
export function decodeTerms(bytes: Uint8Array): Terms {
  const json = decodeJson(bytes, "terms.json", TERMS_LIMIT);
  const head = headSchema.safeParse(json);
  if (head.success && head.data.version !== 1) throw protocolError("version-unknown", `terms.json has version ${head.data.version}; this software knows version 1.`);
  return parseTerms(json);
}

export interface TermsParameters {
  readonly head: HeadShape;
  readonly gridBits?: number;
  readonly utility?: Utility;
  readonly holdout?: DataTerms["holdout"];
  readonly shares?: TierShares;
  readonly issuers?: Partial<{ readonly [T in PointTier]: readonly Address[] }>;
  readonly authors?: readonly { readonly seat: number; readonly parts: number }[];
}

const SHARES: TierShares = { data: 600_000, annotation: 120_000, verification: 80_000, compute: 100_000, model: 30_000, feedback: 20_000, community: 50_000 };

/** Terms to start from; docs/economics.md says why each number is what it is. @throws terms-invalid */
export function defaultTerms({ head, gridBits = 14, utility = "macro-auc", holdout = "open", shares = SHARES, issuers = {}, authors = [] }: TermsParameters): Terms {
  const { headLane, features, classes, featureBits } = head;
  const ascending = (list: readonly Address[] = []) => [...list].map((issuer) => issuer.toLowerCase()).sort();
  return parseTerms({
    format: TERMS_FORMAT, version: 1, shares,
    data: {
      utility, head: { headLane, features, classes, featureBits }, gridBits, holdout,
      lambdaPpm: 300_000, shrinkPpm: 50_000, ceilingPpm: 2_500_000, recordCap: 10_000, exactClusters: 12, permutations: 200,
      coherencePpm: 4_000_000, backwardPpm: 10_000,
      replayCosinePpm: 980_000, normFloorPpm: 200_000, normCeilingPpm: 5_000_000, clusterCosinePpm: 980_000, clusterRoundsPpm: 500_000, copyPenaltyPpm: 50_000,
      levelQualityPpm: [100_000, 300_000, 600_000, 800_000, 1_000_000],
    },
    issuers: Object.fromEntries(POINT_TIERS.map((tier) => [tier, ascending(issuers[tier])])),
    compute: { reportPoints: 100 },
    model: { authors: [...authors].sort((a, b) => a.seat - b.seat) },
    tierCeilingPpm: 2_500_000,
    reputation: { verificationGatePpm: 200_000, dataFloorPpm: 400_000 },
  });
}
