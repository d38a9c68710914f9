/**
 * What a settlement by `quality-v1` rests on, besides the rounds: `evidence.json` of its bundle. Everything in it is on the chain, or signed by somebody whom the
 * terms name, or (levels of labels) stated by a custodian on a dataset card. docs/protocol.md, “Quality settlements”.
 */
import { z } from "zod";
import type { Hex } from "viem";
import { decodeJson, encodeJson } from "../bundle/canonical-json.ts";
import { toJson } from "../bundle/struct-json.ts";
import { protocolError } from "../errors.ts";
import { bytes32, firstIssue, uint } from "../schema.ts";
import { POINT_TIERS } from "../terms/terms.ts";
import { type TierPoints, tierPointsSchema } from "./tier-points.ts";

export const EVIDENCE_FORMAT = "chongwen-evidence";
export const EVIDENCE_LIMIT = 2 ** 25;

/** An organisation, and the cluster of organisations under common control that the registry put it in; cluster 0 stands alone. */
export interface Party {
  readonly organisation: number;
  readonly cluster: number;
}

/**
 * Whose a seat is. @param dataset 0 for a support seat. @param records As registered for the version that the seat was granted or renewed for.
 * @param labelLevels Records by the level at which their label was verified, level 0 (nobody did) first: as the dataset's card states.
 */
export interface SeatFacts extends Party {
  readonly contributor: number;
  readonly dataset: number;
  readonly records: number;
  readonly labelLevels: readonly number[];
}

/** Who signed the report of a final round. */
export interface ReportSigners {
  readonly round: number;
  readonly signers: readonly Party[];
}

/** One organisation's voice. @param seats One to three. */
export interface Commendation {
  readonly organisation: number;
  readonly seats: readonly number[];
}

/** `open`: committed before the window, the records are in the bundle. `private`: points of the tier `data` say what its custodian found. `none`: neither. */
export type HoldoutEvidence =
  | { readonly kind: "open"; readonly commitment: Hex; readonly salt: Hex; readonly records: number }
  | { readonly kind: "private" }
  | { readonly kind: "none" };

/** @param points By tier in the order of the terms, then by subject. @param spent Commitments that earlier settlements used, ascending. */
export interface Evidence {
  readonly format: typeof EVIDENCE_FORMAT;
  readonly version: 1;
  readonly seats: readonly SeatFacts[];
  readonly holdout: HoldoutEvidence;
  readonly points: readonly TierPoints[];
  readonly reports: readonly ReportSigners[];
  readonly commendations: readonly Commendation[];
  readonly spent: readonly Hex[];
}

function ascending<Item>(items: readonly Item[], key: (item: Item) => number | string): boolean {
  return items.every((item, i) => i === 0 || key(items[i - 1]!) < key(item));
}
const party = { organisation: uint(32), cluster: uint(32) };

/** Place in the list of points. */
const orderOf = ({ statement }: TierPoints): string => `${POINT_TIERS.indexOf(statement.tier)} ${statement.subject}`;

const schema = z.strictObject({
  format: z.literal(EVIDENCE_FORMAT),
  version: z.literal(1),
  seats: z
    .array(z.strictObject({ contributor: uint(32), ...party, dataset: uint(32), records: uint(32), labelLevels: z.array(uint(32)).max(16) }))
    .max(2 ** 16),
  holdout: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("open"), commitment: bytes32, salt: bytes32, records: z.int().min(1).max(2 ** 24) }),
    z.strictObject({ kind: z.literal("private") }),
    z.strictObject({ kind: z.literal("none") }),
  ]),
  points: z.array(tierPointsSchema).max(1024).refine((files) => ascending(files, orderOf), "points must ascend by tier and subject, each subject once"),
  reports: z
    .array(z.strictObject({ round: uint(32), signers: z.array(z.strictObject(party)).max(32).refine((signers) => ascending(signers, ({ organisation }) => organisation), "organisations must ascend") }))
    .max(256)
    .refine((reports) => ascending(reports, ({ round }) => round), "rounds must ascend"),
  commendations: z
    .array(z.strictObject({ organisation: uint(32), seats: z.array(uint(32)).min(1).max(3).refine((seats) => ascending(seats, (seat) => seat), "seats must ascend, each once") }))
    .max(2 ** 16)
    .refine((voices) => ascending(voices, ({ organisation }) => organisation), "organisations must ascend, each once"),
  spent: z.array(bytes32).max(2 ** 16).refine((spent) => ascending(spent, (commitment) => commitment), "commitments must ascend, each once"),
});

/** Points in their place. */
export const sortPoints = (points: readonly TierPoints[]): TierPoints[] => [...points].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));

/** @throws evidence-invalid */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  const json = toJson(evidence);
  parse(json);
  return encodeJson(json);
}

/** @throws json-invalid, evidence-invalid */
export const decodeEvidence = (bytes: Uint8Array): Evidence => parse(decodeJson(bytes, "evidence.json", EVIDENCE_LIMIT));

function parse(value: unknown): Evidence {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw protocolError("evidence-invalid", `The evidence is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  return parsed.data;
}

/** Whom ceilings count as one: the cluster, or the organisation that stands alone. */
export const partyOf = ({ organisation, cluster }: Party): string => (cluster === 0 ? `organisation ${organisation}` : `cluster ${cluster}`);
