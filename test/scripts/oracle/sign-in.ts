// How a program signs in to an oracle, with an account's key and nothing else.
import type { Hex, LocalAccount } from "viem";
import { createSiweMessage } from "viem/siwe";
import { ask, type Answer } from "./support.ts";

export interface Invited {
  readonly nonce: string;
  readonly domain: string;
  readonly uri: string;
  readonly chainId: number;
}

export type Fields = Parameters<typeof createSiweMessage>[0];

export const jsonOf = <Value>({ bytes }: Pick<Answer, "bytes">): Value => JSON.parse(new TextDecoder().decode(bytes)) as Value;

export async function invite(url: string): Promise<Invited> {
  return jsonOf<Invited>(await ask(url, "/v1/sessions/nonce", { token: null }));
}

/** @param at Seconds. */
export async function messageOf(account: Pick<LocalAccount, "address">, { nonce, domain, uri, chainId }: Invited, at: number, changes: Partial<Fields> = {}): Promise<string> {
  return createSiweMessage({ address: account.address, domain, uri, chainId, nonce, version: "1", issuedAt: new Date(at * 1000), expirationTime: new Date((at + 600) * 1000), ...changes });
}

export const enter = (url: string, message: string, signature: Hex): Promise<Answer> => ask(url, "/v1/sessions", { method: "POST", token: null, body: JSON.stringify({ message, signature }) });

/** @returns The token of a new session. */
export async function signIn(url: string, account: LocalAccount, at = Date.now() / 1000): Promise<string> {
  const message = await messageOf(account, await invite(url), at);
  const answer = await enter(url, message, await account.signMessage({ message }));
  if (answer.status !== 201) throw new Error(`${answer.code}: ${answer.message}`);
  return jsonOf<{ token: string }>(answer).token;
}
