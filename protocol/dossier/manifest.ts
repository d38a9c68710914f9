/** `dossier.json`: what a dossier is about, and every file of it. docs/dossier.md lists the fields. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { decodeJson, encodeJson, type Json } from "../bundle/canonical-json.ts";
import { protocolError } from "../errors.ts";
import { address, bigUint, bytes32, firstIssue, uint } from "../schema.ts";

export const DOSSIER_FORMAT = "chongwen-dossier";
export const DOSSIER_FILES = { manifest: "dossier.json", cover: "cover.json", facts: "facts.json", proofs: "proofs.json", headers: "headers.rlp", receipts: "receipts.json" } as const;
/** Folders: blocks of artefacts as a store on disk keeps them, and statements of what was erased. */
export const DOSSIER_FOLDERS = { store: "store", erased: "erased" } as const;

const MiB = 2 ** 20;
export const DOSSIER_LIMITS = { manifest: 16 * MiB, cover: 4096, facts: 64 * MiB, proofs: 64 * MiB, headers: 32 * MiB, receipts: 64 * MiB, erasure: 64 * 1024, block: 2 * MiB, files: 100_000 } as const;

const BLOCK = /^store\/[A-Z2-7]{2}\/B[A-Z2-7]{20,80}\.data$/;
const ERASURE = /^erased\/0x[0-9a-f]{64}(\.[a-zA-Z0-9-]{1,64}){0,4}\.json$/;

/** The most bytes of a file; null: no dossier holds one of that name. Names are plain: no "..", nothing absolute, nothing that two file systems read differently. */
export function mostBytes(path: string): number | null {
  if (path === DOSSIER_FILES.facts) return DOSSIER_LIMITS.facts;
  if (path === DOSSIER_FILES.proofs) return DOSSIER_LIMITS.proofs;
  if (path === DOSSIER_FILES.headers) return DOSSIER_LIMITS.headers;
  if (path === DOSSIER_FILES.receipts) return DOSSIER_LIMITS.receipts;
  if (ERASURE.test(path)) return DOSSIER_LIMITS.erasure;
  return BLOCK.test(path) ? DOSSIER_LIMITS.block : null;
}

/** A file. @param sha256 Of its bytes; a block's is also its name. */
export interface DossierFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Hex;
}

/** Which part of a federation: named rounds, or one settlement with the rounds that it covers; everything when both are null. */
export interface DossierScope {
  readonly rounds: readonly number[] | null;
  readonly settlement: number | null;
}

/** @param ledger `Rounds`. @param block Everything is as of it. @param withPayloads False: updates, open or sealed, were left out. */
export interface DossierManifest {
  readonly format: typeof DOSSIER_FORMAT;
  readonly version: 1;
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly block: bigint;
  readonly scope: DossierScope;
  readonly withPayloads: boolean;
  readonly files: readonly DossierFile[];
}

const MOST_ROUNDS = 100_000;
const file = z.strictObject({ path: z.string().max(200).refine((path) => mostBytes(path) !== null, "no such file in a dossier"), bytes: z.int().min(0), sha256: bytes32 }).refine(({ path, bytes }) => bytes <= (mostBytes(path) ?? 0), "larger than such a file may be");
const ascending = (values: readonly (number | string)[]): boolean => values.every((value, i) => i === 0 || (values[i - 1] as number | string) < value);

const schema = z.strictObject({
  format: z.literal(DOSSIER_FORMAT),
  version: z.literal(1),
  chainId: z.int().min(1),
  ledger: address,
  federation: uint(32),
  block: bigUint(64),
  scope: z.strictObject({ rounds: z.array(uint(32)).min(1).max(MOST_ROUNDS).refine(ascending, "rounds must ascend").nullable(), settlement: uint(32).nullable() }).refine(({ rounds, settlement }) => rounds === null || settlement === null, "rounds or a settlement, not both"),
  withPayloads: z.boolean(),
  files: z.array(file).max(DOSSIER_LIMITS.files).refine((files) => ascending(files.map(({ path }) => path)), "paths must be sorted and unique"),
});

const headSchema = z.looseObject({ format: z.literal(DOSSIER_FORMAT), version: z.int() });

/** @throws json-invalid, dossier-invalid, version-unknown */
export function decodeManifest(bytes: Uint8Array): DossierManifest {
  const json = decodeJson(bytes, DOSSIER_FILES.manifest, DOSSIER_LIMITS.manifest);
  const head = headSchema.safeParse(json);
  if (!head.success) throw protocolError("dossier-invalid", `${DOSSIER_FILES.manifest} is no dossier's: ${firstIssue(head.error)}.`, head.error);
  if (head.data.version !== 1) throw protocolError("version-unknown", `${DOSSIER_FILES.manifest} has version ${head.data.version} of “${DOSSIER_FORMAT}”; this software knows version 1.`);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw protocolError("dossier-invalid", `${DOSSIER_FILES.manifest} is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  return parsed.data;
}

export function encodeManifest(manifest: DossierManifest): Uint8Array {
  const files = [...manifest.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return encodeJson({ ...manifest, ledger: manifest.ledger.toLowerCase(), block: manifest.block.toString(), files } as unknown as Json);
}
