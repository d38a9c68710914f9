/** What services say to each other, as JSON. Nothing of it is believed for having been said: signatures are recovered, files are hashed again, statements are recomputed. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { structSchema, toJson } from "../../../protocol/bundle/struct-json.ts";
import { decodeJson, encodeJson, MAX_ENTRIES, type Entry, type Report, type Seal, type SettlementStatement } from "../../../protocol/index.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { address, bigUint, bytes32, firstIssue, uint } from "../../../protocol/schema.ts";
import type { SignatureRequest } from "../../operator/quorum.ts";
import { Refused } from "../../service/refusal.ts";
import { MOST_FILES } from "../limits.ts";

/** Bytes of a request: 256 entries of at most 600, and a statement. */
export const REQUEST_LIMIT = 2 ** 18;
/** Bytes of an answer that is no file. */
export const ANSWER_LIMIT = 2 ** 17;

/** What an operator may be asked to sign. */
export type Asked = { readonly name: "Seal"; readonly value: Seal; readonly entries: readonly Entry[] } | { readonly name: "Report"; readonly value: Report } | { readonly name: "SettlementStatement"; readonly value: SettlementStatement };

const signature = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{128}$/.test(value), "expected 64 bytes as lower-case 0x-hex");
const entry = z.strictObject({ seat: uint(32), updateRoot: bytes32, normSq: bigUint(64), normTraceRoot: bytes32, rho: uint(48), signer: address, signature });

const askedSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("Seal"), value: structSchema("Seal"), entries: z.array(entry).min(1).max(MAX_ENTRIES) }),
  z.strictObject({ name: z.literal("Report"), value: structSchema("Report") }),
  z.strictObject({ name: z.literal("SettlementStatement"), value: structSchema("SettlementStatement") }),
]);

export function encodeAsked({ name, value, entries }: Pick<SignatureRequest, "name" | "value" | "entries">): Uint8Array {
  const listed = entries?.map(({ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature: by }) => toJson({ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature: by }));
  return encodeJson({ name, value: toJson(value), ...(listed === undefined ? {} : { entries: listed }) });
}

/** @throws request-invalid */
export function decodeAsked(bytes: Uint8Array): Asked {
  const parsed = askedSchema.safeParse(decodeJson(bytes, "The request", REQUEST_LIMIT));
  if (!parsed.success) throw new Refused("request-invalid", `The request is malformed: ${firstIssue(parsed.error)}.`);
  return parsed.data;
}

export const signatureAnswer = z.strictObject({ signature });

/** Files of a directory that a peer has. Their names go into an address and nowhere else. */
export const filesAnswer = z.strictObject({ files: z.array(z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/).max(256)).max(MOST_FILES + 64) });

/** Bundles that a peer has taken in and that are not final. */
export const bundlesAnswer = z.strictObject({ bundles: z.array(bytes32).max(1_024) });

const problemAnswer = z.object({ error: z.object({ code: z.string().max(64), message: z.string().max(4_000), retryable: z.boolean() }) });

/** What a peer answered instead. Its words are shown as its own. */
export function refusalOf(peer: Address, status: number, body: Uint8Array): ChongwenError {
  let said: { code: string; message: string; retryable: boolean } = { code: `HTTP ${status}`, message: "it does not say why", retryable: status >= 500 || status === 429 };
  try {
    said = problemAnswer.parse(decodeJson(body, "The refusal", ANSWER_LIMIT)).error;
  } catch {
    // Something else than a service of ours answers there.
  }
  const words = `${said.code}: ${said.message}`.replace(/\p{Cc}/gu, " ").slice(0, 600);
  return new ChongwenError({ code: "peer-refuses", message: `The operator ${peer} refuses: ${words}`, fix: "Correct what it says, or ask whoever runs it.", retryable: said.retryable });
}
