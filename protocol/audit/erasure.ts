/**
 * A statement that an artefact, or one file of it, was erased: what a server answers with instead of the bytes (HTTP 410), and what may lie beside a store.
 * It is a statement and proves nothing: whoever stops serving can write one. The hash stays on chain, so bytes that turn up later can still be checked.
 * It names no person, and no content.
 */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { createDomain } from "../eip712/hash.ts";
import { recoverSigner } from "../eip712/signature.ts";
import { defineStatement } from "../eip712/statement.ts";
import { ChongwenError } from "../errors.ts";
import { address, bytes32 } from "../schema.ts";

export const ERASURE_FORMAT = "chongwen-erasure";

/**
 * @param artefact Digest that the chain holds. @param path One file of it; the whole when absent.
 * @param erasedAt Seconds since 1970. @param basis Why, in a word of law or consent: "consent withdrawn". @param statedBy Who says so.
 */
export const erasureSchema = z.strictObject({
  format: z.literal(ERASURE_FORMAT),
  version: z.literal(1),
  artefact: bytes32,
  path: z.string().min(1).max(64).optional(),
  erasedAt: z.int().min(0),
  basis: z.string().min(1).max(200),
  statedBy: z.string().min(1).max(200),
  /** Who answers for it with a key, on which ledger. Left out: nobody does. */
  signed: z.strictObject({ chainId: z.int().min(1), ledger: address, signer: address, signature: z.string().regex(/^0x[0-9a-f]{128}$/).transform((text) => text as Hex) }).optional(),
});

export type Erasure = z.infer<typeof erasureSchema>;

interface ErasureMessage {
  readonly artefact: Hex;
  readonly path: string;
  readonly erasedAt: bigint;
  readonly basis: string;
  readonly statedBy: string;
}

const STATEMENT = defineStatement<ErasureMessage>("Erasure", ["bytes32 artefact", "string path", "uint64 erasedAt", "string basis", "string statedBy"]);

type Unsigned = Omit<Erasure, "signed" | "format" | "version">;
const messageOf = ({ artefact, path = "", erasedAt, basis, statedBy }: Unsigned): ErasureMessage => ({ artefact, path, erasedAt: BigInt(erasedAt), basis, statedBy });

/** What a wallet signs (EIP-712), in the ledger's domain. */
export const erasureTypedData = (chainId: number, ledger: Address, erasure: Unsigned) => STATEMENT.typedData(createDomain(chainId, ledger), messageOf(erasure));

/** Whether the statement is signed by whom it names. Null when it is not signed at all. */
export async function isSignatureRight(erasure: Erasure): Promise<boolean | null> {
  if (erasure.signed === undefined) return null;
  const { chainId, ledger, signer, signature } = erasure.signed;
  try {
    return (await recoverSigner(STATEMENT.digest(createDomain(chainId, ledger), messageOf(erasure)), signature)) === signer;
  } catch {
    return false;
  }
}

/** The statement, when the value is one about this artefact; else null: a statement about another one says nothing here. */
export function erasureOf(value: unknown, artefact: Hex): Erasure | null {
  const parsed = erasureSchema.safeParse(value);
  return parsed.success && parsed.data.artefact === artefact ? parsed.data : null;
}

/** What an audit is told. A signer is named only by who has checked the signature. */
export function erasedError({ artefact, path, erasedAt, basis, statedBy }: Erasure, signer?: Address): ChongwenError {
  const what = path === undefined ? `Artefact ${artefact}` : `${path} of artefact ${artefact}`;
  const day = new Date(1000 * erasedAt).toISOString().slice(0, 10);
  return new ChongwenError({
    code: "artefact-erased",
    message: `${what} was erased on ${day} (${basis}), says ${statedBy}${signer === undefined ? "" : ` (signed by ${signer})`}. Its hash stays on the ledger; nobody can recompute it any more.`,
    fix: "Nothing to do. If you hold a copy, it can still be checked against the hash.",
    docs: "docs/verify.md",
  });
}
