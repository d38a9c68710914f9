import { createHash, randomBytes } from "node:crypto";
import { hashMessage, isHex, type Address, type Hex } from "viem";
import type { ServiceLedger } from "../service/ledger.ts";
import { Refused } from "../service/refusal.ts";
import { readSignIn } from "../service/siwe.ts";
import type { Admission } from "./admission.ts";

export interface Session {
  readonly annotator: Address;
  readonly tier: number;
  readonly organisation: number;
  readonly expiresAt: number;
}

export interface LoginParameters {
  readonly ledger: ServiceLedger;
  readonly admission: Admission;
  /** This server's own address, as the message names it: a message for one custodian is worth nothing at another. */
  readonly resource: () => string;
  readonly now: () => number;
}

export interface Logins {
  nonce(): { nonce: string; expiresAt: number };
  /** @param origin Of the page, from the request's header. @throws login-refused, not-admitted, signature-refused, ledger-silent */
  enter(message: string, signature: Hex, origin: string): Promise<Session & { token: string }>;
  /** @throws login-needed */
  require(authorization: string | undefined): Session;
  leave(authorization: string | undefined): void;
}

const NONCE_SECONDS = 300;
const SESSION_SECONDS = 8 * 3600;
const MOST = 10_000;

/** Login by signature. Nonces and sessions live in memory: a restart ends them, and nothing on disk lets anyone in. Source: EIP-4361, https://eips.ethereum.org/EIPS/eip-4361. */
export function createLogins({ ledger, admission, resource, now }: LoginParameters): Logins {
  const nonces = new Map<string, number>();
  const sessions = new Map<string, Session>();
  const trim = (map: Map<string, unknown>): void => {
    const [oldest] = map.keys();
    if (map.size > MOST && oldest !== undefined) map.delete(oldest);
  };
  /** Only the hash is kept: a look into memory dumps no token, and finding it takes the same time whatever comes. */
  const keyOf = (authorization: string | undefined): string => createHash("sha256").update(authorization ?? "").digest("hex");

  function requireMessage(message: string, origin: string): Address {
    const refuse = (why: string): never => {
      throw new Refused("login-refused", why);
    };
    const { address, domain, uri, chainId, nonce, issuedAt, expirationTime, resources } = readSignIn(message) ?? refuse("The login's message is not written as EIP-4361 says, or lacks a field.");
    const known = nonces.get(nonce);
    // Used once, whatever comes of it.
    nonces.delete(nonce);
    if (known === undefined || known < now()) refuse("The nonce was used before, is too old, or is not ours.");
    if (origin === "" || domain !== new URL(origin).host || new URL(uri).origin !== origin) refuse("The login's message is for another page.");
    if (chainId !== ledger.chainId) refuse("The login's message is for another chain.");
    if (resources?.includes(resource()) !== true) refuse("The login's message is for another custodian.");
    const time = now() * 1000;
    if (issuedAt.getTime() > time + 60_000 || issuedAt.getTime() < time - NONCE_SECONDS * 1000 || expirationTime.getTime() <= time) refuse("The login's message is not of now.");
    return address;
  }

  return {
    nonce() {
      const nonce = randomBytes(24).toString("hex");
      const expiresAt = Math.floor(now()) + NONCE_SECONDS;
      nonces.set(nonce, expiresAt);
      trim(nonces);
      return { nonce, expiresAt };
    },
    async enter(message, signature, origin) {
      const annotator = requireMessage(message, origin);
      if (!isHex(signature) || !(await ledger.signed(annotator, hashMessage(message), signature))) throw new Refused("signature-refused", "The login is not signed by the account that it names.");
      const admitted = await admission(annotator);
      if (admitted === null) throw new Refused("not-admitted", "This custodian does not admit the account.");
      const token = randomBytes(32).toString("base64url");
      const session = { annotator, ...admitted, expiresAt: Math.floor(now()) + SESSION_SECONDS };
      sessions.set(keyOf(`Bearer ${token}`), session);
      trim(sessions);
      return { ...session, token };
    },
    require(authorization) {
      const session = sessions.get(keyOf(authorization));
      if (session === undefined || session.expiresAt <= now()) throw new Refused("login-needed", "There is no session, or it has ended.");
      return session;
    },
    leave: (authorization) => void sessions.delete(keyOf(authorization)),
  };
}
