/**
 * `cover.json`: names the manifest by its hash, and with it every byte of the dossier. Who exported it may sign: then the facts that no proof covers are
 * somebody's word. It also holds a hash of itself, so that a changed byte is found in the right file.
 */
import { digest as sha256 } from "@chainsafe/as-sha256";
import { z } from "zod";
import type { Address, Hex } from "viem";
import { toHex } from "../bytes.ts";
import { decodeJson, encodeJson, type Json } from "../bundle/canonical-json.ts";
import { createDomain } from "../eip712/hash.ts";
import { recoverSigner } from "../eip712/signature.ts";
import { defineStatement } from "../eip712/statement.ts";
import { ChongwenError, protocolError } from "../errors.ts";
import { address, bytes32, firstIssue } from "../schema.ts";
import { DOSSIER_FILES, DOSSIER_LIMITS, type DossierManifest } from "./manifest.ts";

export const COVER_FORMAT = "chongwen-dossier-cover";

/** @param manifest SHA-256 of `dossier.json`: the name of the dossier. @param signed By whoever exported it; null: by nobody. */
export interface DossierCover {
  readonly manifest: Hex;
  readonly signed: { readonly signer: Address; readonly signature: Hex } | null;
}

const schema = z.strictObject({
  format: z.literal(COVER_FORMAT),
  version: z.literal(1),
  manifest: bytes32,
  signed: z.strictObject({ signer: address, signature: z.string().regex(/^0x[0-9a-f]{128}$/).transform((text) => text as Hex) }).nullable(),
  self: bytes32,
});

interface DossierMessage {
  readonly manifest: Hex;
  readonly federation: number;
  readonly block: bigint;
}
const STATEMENT = defineStatement<DossierMessage>("Dossier", ["bytes32 manifest", "uint32 federation", "uint64 block"]);

type About = Pick<DossierManifest, "chainId" | "ledger" | "federation" | "block">;
const messageOf = (manifest: Hex, { federation, block }: About): DossierMessage => ({ manifest, federation, block });

/** What a wallet signs (EIP-712), in the ledger's domain: that the facts in it are what the chain said. */
export const coverTypedData = (manifest: Hex, about: About) => STATEMENT.typedData(createDomain(about.chainId, about.ledger), messageOf(manifest, about));

/** Whether the cover is signed by whom it names; null when nobody signed. */
export async function isCoverSigned({ manifest, signed }: DossierCover, about: About): Promise<boolean | null> {
  if (signed === null) return null;
  try {
    return (await recoverSigner(STATEMENT.digest(createDomain(about.chainId, about.ledger), messageOf(manifest, about)), signed.signature)) === signed.signer;
  } catch (error) {
    if (error instanceof ChongwenError) return false;
    throw error;
  }
}

const bodyOf = ({ manifest, signed }: DossierCover): { readonly [key: string]: Json } => ({
  format: COVER_FORMAT, version: 1, manifest, signed: signed === null ? null : { signer: signed.signer.toLowerCase(), signature: signed.signature },
});
const selfOf = (cover: DossierCover): Hex => toHex(sha256(encodeJson(bodyOf(cover))));

export const encodeCover = (cover: DossierCover): Uint8Array => encodeJson({ ...bodyOf(cover), self: selfOf(cover) });

/** @throws json-invalid, dossier-invalid */
export function decodeCover(bytes: Uint8Array): DossierCover {
  const parsed = schema.safeParse(decodeJson(bytes, DOSSIER_FILES.cover, DOSSIER_LIMITS.cover));
  if (!parsed.success) throw protocolError("dossier-invalid", `${DOSSIER_FILES.cover} is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const { manifest, signed, self } = parsed.data;
  if (selfOf({ manifest, signed }) !== self) throw protocolError("dossier-invalid", `${DOSSIER_FILES.cover} was changed: it does not have the hash that it holds of itself.`);
  return { manifest, signed };
}
