import type { Address, Hex, TypedDataDefinition } from "viem";
import { isSignedBy, refusalSchema, toWire } from "../../protocol/annotation/index.ts";
import {
  countsSchema, feedbackReceipt, hashInput, MAX_TEXT, modelFeedback, sentSchema, serviceSchema, textHash, VERDICTS,
  type FeedbackCounts, type FeedbackSent, type Verdict,
} from "../../protocol/feedback/index.ts";
import { createDomain } from "../../protocol/index.ts";

/** `kind`: what the page says of it. `code`: the service's, for a refusal (docs/errors.md). */
export class FeedbackError extends Error {
  override readonly name = "FeedbackError";
  readonly kind: "unreachable" | "refused" | "unreadable" | "not-signed-by-service" | "other-ledger";
  readonly code: string | null;

  constructor(kind: FeedbackError["kind"], message: string, code: string | null = null) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}

export interface FeedbackRequest {
  /** `deployment.services.feedback`. */
  readonly service: string;
  /** From the deployment: `Rounds` is the ledger. */
  readonly chainId: number;
  readonly ledger: Address;
  readonly user: Address;
  readonly signTypedData: (data: TypedDataDefinition) => Promise<Hex>;
  readonly federation: number;
  readonly round: number;
  readonly modelRoot: Hex;
  /** Bytes that the model was given. They stay here: only a salted hash is sent. */
  readonly input: Uint8Array;
  readonly predictedClass: number;
  readonly verdict: Verdict;
  /** Empty for none; at most 500 characters. Names nobody: whoever runs the service reads it. */
  readonly text: string;
}

/** @param salt With the input it proves later what was meant; only the user has it. */
export interface SentFeedback extends FeedbackSent {
  readonly salt: Hex;
}

/** Signs one verdict and sends it. The receipt was checked when this returns. @throws FeedbackError, and what the signer throws when it refuses */
export async function sendFeedback(request: FeedbackRequest): Promise<SentFeedback> {
  const { service, chainId, ledger, user, federation, round, modelRoot, predictedClass, text } = request;
  const about = await ask(service, "feedback", serviceSchema);
  if (about.chainId !== chainId || about.ledger.toLowerCase() !== ledger.toLowerCase()) throw new FeedbackError("other-ledger", `The service serves ${about.ledger} on chain ${about.chainId}.`);
  const salt: Hex = `0x${Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  const short = text.slice(0, MAX_TEXT);
  const feedback = {
    user, federation, round, modelRoot, inputHash: hashInput(salt, request.input), predictedClass, verdict: VERDICTS[request.verdict], textHash: textHash(short),
  };
  const domain = createDomain(chainId, ledger);
  const signature = await request.signTypedData(modelFeedback.typedData(domain, feedback));
  const body = toWire({ feedback, text: short, signature });
  const sent = await ask(service, "feedback", sentSchema, body);
  const { receipt } = sent;
  const isOurs = receipt.feedbackHash === modelFeedback.digest(domain, feedback) && receipt.user.toLowerCase() === user.toLowerCase();
  if (!isOurs || !(await isSignedBy(about.key, feedbackReceipt.digest(domain, receipt), sent.signature))) {
    throw new FeedbackError("not-signed-by-service", "The receipt is not one of the service for this feedback.");
  }
  return { ...sent, salt };
}

/** What users said of a round's model: counts of at least five, rounded down; null is “fewer than five”. @throws FeedbackError */
export async function readFeedback(service: string, federation: number, round: number): Promise<FeedbackCounts> {
  const counts = await ask(service, `feedback/${federation}/${round}`, countsSchema);
  if (counts.federation !== federation || counts.round !== round) throw new FeedbackError("unreadable", "The service answered for another round.");
  return counts;
}

async function ask<Value>(service: string, path: string, schema: { safeParse(value: unknown): { success: boolean; data?: Value } }, body?: string): Promise<Value> {
  const address = new URL(path, service.endsWith("/") ? service : `${service}/`);
  const post = body === undefined ? {} : { method: "POST", body, headers: { "content-type": "application/json" } };
  let value: unknown;
  let ok: boolean;
  try {
    const response = await fetch(address, { ...post, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    ok = response.ok;
    value = await response.json();
  } catch (cause) {
    throw new FeedbackError("unreachable", String(cause));
  }
  if (!ok) {
    const refusal = refusalSchema.safeParse(value);
    throw refusal.success ? new FeedbackError("refused", refusal.data.message, refusal.data.code) : new FeedbackError("unreadable", "A refusal that cannot be read.");
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success || parsed.data === undefined) throw new FeedbackError("unreadable", "The service's answer is not of the form that this page knows.");
  return parsed.data;
}
