/** What became of a bundle that an aggregator handed over. docs/protocol.md, “Bundle status”. */
import { z } from "zod";
import type { Hex } from "viem";
import { decodeJson, encodeJson } from "../bundle/canonical-json.ts";
import { protocolError } from "../errors.ts";
import { bytes32, firstIssue, uint } from "../schema.ts";

export const BUNDLE_STATUS_FORMAT = "chongwen-bundle-status";
export const BUNDLE_STATUS_LIMIT = 2 ** 14;

/** In the order in which a bundle goes through them. `waiting`: its parent is not reported yet. */
export const BUNDLE_STATES = ["receiving", "waiting", "sealing", "sealed", "reported", "final", "refused"] as const;
export type BundleState = (typeof BUNDLE_STATES)[number];

/**
 * @param bundle Digest of the directory that was handed over. @param federation,round Null until its manifest was read.
 * @param reportHash,artefact Of what was reported, from `reported` on. @param asHanded Whether that is the very directory that was handed over.
 * @param problem Why it was refused, or what it waits for.
 */
export interface BundleStatus {
  readonly bundle: Hex;
  readonly state: BundleState;
  readonly federation: number | null;
  readonly round: number | null;
  readonly reportHash: Hex | null;
  readonly artefact: Hex | null;
  readonly asHanded: boolean | null;
  readonly problem: { readonly code: string; readonly message: string; readonly fix: string } | null;
}

const schema = z.strictObject({
  format: z.literal(BUNDLE_STATUS_FORMAT),
  version: z.literal(1),
  bundle: bytes32,
  state: z.enum(BUNDLE_STATES),
  federation: uint(32).nullable(),
  round: uint(32).nullable(),
  reportHash: bytes32.nullable(),
  artefact: bytes32.nullable(),
  asHanded: z.boolean().nullable(),
  problem: z.strictObject({ code: z.string().max(64), message: z.string().max(2000), fix: z.string().max(1000) }).nullable(),
});

/** Canonical JSON. @throws json-invalid */
export function encodeBundleStatus(status: BundleStatus): Uint8Array {
  const { bundle, state, federation, round, reportHash, artefact, asHanded, problem } = status;
  const words = problem === null ? null : { code: problem.code, message: problem.message.slice(0, 2000).toWellFormed(), fix: problem.fix.slice(0, 1000).toWellFormed() };
  return encodeJson({ format: BUNDLE_STATUS_FORMAT, version: 1, bundle, state, federation, round, reportHash, artefact, asHanded, problem: words });
}

/** @throws json-invalid, bundle-status-invalid */
export function decodeBundleStatus(bytes: Uint8Array): BundleStatus {
  const parsed = schema.safeParse(decodeJson(bytes, "The bundle's status", BUNDLE_STATUS_LIMIT));
  if (!parsed.success) throw protocolError("bundle-status-invalid", `The bundle's status is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const { format: _, version: __, ...status } = parsed.data;
  return status;
}
