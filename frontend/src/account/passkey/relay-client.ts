import type { Address } from "viem";
import { budgetSchema, relayedSchema } from "../../../../protocol/accounts/wire.ts";
import type { RelayBudget, Relayed, RelayRequest } from "../../../../protocol/accounts/wire.ts";
import { refusalSchema, toWire } from "../../../../protocol/annotation/wire.ts";

/** `code`: the relay's (docs/errors.md), or `unreachable`, `unreadable`, `no-relay`. The name is how the page's words are found. */
export class RelayRefused extends Error {
  override readonly name = "RelayRefused";
  readonly code: string;
  /** The ledger's own error, where it would refuse the action. */
  readonly revert: string | undefined;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
    this.revert = code === "would-fail" ? /\b([A-Z]\w+)\(/.exec(message)?.[1] : undefined;
  }
}

export async function readBudget(relay: string, account?: Address): Promise<RelayBudget> {
  return ask(relay, `budget${account === undefined ? "" : `?account=${account}`}`, budgetSchema);
}

/** @returns The transaction's hash, before it is in a block. @throws RelayRefused */
export async function sendToRelay(relay: string | undefined, request: RelayRequest): Promise<Relayed> {
  if (relay === undefined) throw new RelayRefused("no-relay", "This ledger names no relay.");
  return ask(relay, "relay", relayedSchema, toWire(request));
}

async function ask<Value>(relay: string, path: string, schema: { safeParse(value: unknown): { success: boolean; data?: Value } }, body?: string): Promise<Value> {
  const post = body === undefined ? {} : { method: "POST", body, headers: { "content-type": "application/json" } };
  let response: Response;
  let value: unknown;
  try {
    response = await fetch(new URL(path, relay.endsWith("/") ? relay : `${relay}/`), { ...post, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    value = await response.json();
  } catch (cause) {
    throw new RelayRefused("unreachable", String(cause));
  }
  if (!response.ok) {
    const refusal = refusalSchema.safeParse(value);
    throw refusal.success ? new RelayRefused(refusal.data.code, refusal.data.message) : new RelayRefused("unreadable", `HTTP ${response.status}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success || parsed.data === undefined) throw new RelayRefused("unreadable", "The relay's answer is not of the form that this page knows.");
  return parsed.data;
}
