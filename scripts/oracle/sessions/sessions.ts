import { createHash, randomBytes } from "node:crypto";
import { isAddressEqual, isHex, recoverMessageAddress, type Address } from "viem";
import { Refused } from "../../service/refusal.ts";
import { readSignIn } from "../../service/siwe.ts";
import { createNonces } from "./nonces.ts";
import type { Role, Roles } from "./roles.ts";

/** Who may sign in beside whoever has the token. */
export interface SessionParameters {
  /** Accounts that may hand over bundles. Contributors need no list: the chain knows them. */
  readonly aggregators: readonly Address[];
  /** Where the oracle is reached, as messages name it: `https://oracle.example`. By default where it listens. */
  readonly origin?: string | null;
  /** Of a session. */
  readonly seconds?: number;
}

export interface Session {
  readonly account: Address;
  readonly role: Role;
  /** Seconds. */
  readonly expiresAt: number;
}

/** What a program needs to write the message that it signs. */
export interface Invitation {
  readonly nonce: string;
  readonly domain: string;
  readonly uri: string;
  readonly chainId: number;
  /** Of the nonce. */
  readonly expiresAt: number;
}

export interface Sessions {
  invite(): Invitation;
  /** @throws login-refused, signature-refused, role-refused, too-many-requests, ledger-silent */
  enter(message: string, signature: string): Promise<Session & { readonly token: string }>;
  /** Null when the header carries no session that goes on. @throws ledger-silent; role-refused when the account may nothing any more */
  find(authorization: string | undefined): Promise<Session | null>;
  leave(authorization: string | undefined): void;
}

export interface SessionsParameters {
  readonly roles: Roles;
  readonly chainId: number;
  /** Known once it listens. */
  readonly origin: () => string;
  readonly now: () => number;
  readonly seconds?: number;
}

/** Clocks of two machines differ. */
const SKEW = 60;
const MOST = 4_096;
const MOST_OF_ONE = 4;

/**
 * Sign-in by a key's signature (EIP-4361), for programs. Sessions live in memory, by the hash of their token: a restart ends them, nothing on disk lets anyone in, and
 * finding one takes as long whatever comes. A token is always new, so nobody can make another use one that he knows.
 */
export function createSessions({ roles, chainId, origin, now, seconds = 3_600 }: SessionsParameters): Sessions {
  const nonces = createNonces(now);
  /** Oldest first. */
  const sessions = new Map<string, Omit<Session, "role">>();
  const keyOf = (authorization: string | undefined): string => createHash("sha256").update(authorization ?? "").digest("hex");
  const place = () => ({ domain: new URL(origin()).host, uri: `${origin()}/v1/sessions`, chainId });

  function readMessage(message: string): { readonly account: Address; readonly nonce: string } {
    const refuse = (why: string): Refused => new Refused("login-refused", why);
    const fields = readSignIn(message);
    if (fields === null) throw refuse("The message is not written as EIP-4361 says, or lacks a field.");
    const expected = place();
    if (!nonces.holds(fields.nonce)) throw refuse("The nonce was used before, is too old, or is not ours.");
    if (fields.domain !== expected.domain || fields.uri !== expected.uri || (fields.scheme !== undefined && `${fields.scheme}:` !== new URL(origin()).protocol)) throw refuse(`The message is for another service; this one is ${expected.uri}.`);
    if (fields.chainId !== expected.chainId) throw refuse(`The message is for another chain; this one is ${expected.chainId}.`);
    const [issued, ends, begins] = [fields.issuedAt.getTime() / 1000, fields.expirationTime.getTime() / 1000, (fields.notBefore?.getTime() ?? 0) / 1000];
    if (issued > now() + SKEW || issued < now() - nonces.seconds - SKEW || ends <= now() || begins > now()) throw refuse("The message is not of now.");
    return { account: fields.address, nonce: fields.nonce };
  }

  /** An account keeps its newest few; of all, the oldest go. */
  function keep(key: string, session: Omit<Session, "role">): void {
    for (const [known, { expiresAt }] of sessions) if (expiresAt <= now()) sessions.delete(known);
    const own = [...sessions].filter(([, { account }]) => account === session.account).map(([known]) => known);
    for (const known of own.slice(0, Math.max(0, own.length - MOST_OF_ONE + 1))) sessions.delete(known);
    sessions.set(key, session);
    const [oldest] = sessions.keys();
    if (sessions.size > MOST && oldest !== undefined) sessions.delete(oldest);
  }

  return {
    invite: () => ({ ...nonces.make(), ...place() }),
    async enter(message, signature) {
      const { account, nonce } = readMessage(message);
      const signer = isHex(signature) && signature.length === 132 ? await recoverMessageAddress({ message, signature }).catch(() => null) : null;
      if (signer === null || !isAddressEqual(signer, account)) throw new Refused("signature-refused", "The message is not signed by the account that it names.");
      // Whoever sends the same message twice at once gets in once.
      if (!nonces.spend(nonce)) throw new Refused("login-refused", "The nonce was used before.");
      const role = await roles(account);
      if (role === null) throw new Refused("role-refused", `${account} is no aggregator of this oracle, and no contributor with a seat in what it serves.`);
      const token = randomBytes(32).toString("base64url");
      const session = { account, expiresAt: Math.floor(now()) + seconds };
      keep(keyOf(`Bearer ${token}`), session);
      return { ...session, role, token };
    },
    async find(authorization) {
      const session = sessions.get(keyOf(authorization));
      if (session === undefined || session.expiresAt <= now()) return null;
      const role = await roles(session.account);
      if (role === null) throw new Refused("role-refused", `${session.account} has no seat here any more, or is suspended.`);
      return { ...session, role };
    },
    leave: (authorization) => void sessions.delete(keyOf(authorization)),
  };
}
