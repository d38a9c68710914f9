/** Who asks the oracle something, and what each may. */
import type { Context, MiddlewareHandler } from "hono";
import type { Address } from "viem";
import { addressOf } from "../service/app.ts";
import { createLimit } from "../service/limit.ts";
import { Refused } from "../service/refusal.ts";
import type { Session, Sessions } from "./sessions/sessions.ts";
import { bearer } from "./token.ts";

export interface Caller {
  /** Null for whoever has the token. */
  readonly session: Session | null;
}

export interface Callers {
  /** Lets on who has the token or a session. Others only where `open` says so. @throws token-refused, too-many-requests, role-refused */
  readonly admit: MiddlewareHandler;
  of(context: Context): Caller;
}

export interface CallersParameters {
  /** Null: nobody has one. */
  readonly token: string | null;
  /** Null: nobody can sign in. */
  readonly sessions: Sessions | null;
  /** Whether everybody may ask this. */
  readonly open: (context: Context) => boolean;
  /** Seconds. */
  readonly now: () => number;
}

/** Requests a minute: a bundle is up to 270, and several aggregators may share the token. */
const HANDING_OVER = 6_000;
const READING = 600;
/** Of one network address without token or session; all that come through a proxy share it. */
const STRANGERS = 600;

/** @throws oracle-token-weak */
export function createCallers({ token, sessions, open, now }: CallersParameters): Callers {
  const carries = token === null ? () => false : bearer(token);
  const [handing, reading, strangers] = [HANDING_OVER, READING, STRANGERS].map((perMinute) => createLimit({ burst: perMinute, perMinute, now }));
  const callers = new WeakMap<Context["req"]["raw"], Caller>();
  const busy = (): Refused => new Refused("too-many-requests", "Too many requests in a short time.");

  async function find(context: Context): Promise<Caller | null> {
    const header = context.req.header("authorization");
    if (carries(header)) return { session: null };
    const session = (await sessions?.find(header)) ?? null;
    return session === null ? null : { session };
  }

  return {
    async admit(context, next) {
      const caller = await find(context);
      // Who has proven who he is does not pay for what others at his address do.
      const limit = caller === null ? strangers : caller.session?.role.kind === "contributor" ? reading : handing;
      if (limit?.take(caller === null ? addressOf(context) : (caller.session?.account ?? "token")) !== true) throw busy();
      if (caller === null && !open(context)) throw new Refused("token-refused", "The request carries neither the oracle's token nor that of a session that goes on.");
      if (caller !== null) callers.set(context.req.raw, caller);
      return next();
    },
    of(context) {
      const caller = callers.get(context.req.raw);
      if (caller === undefined) throw new Refused("token-refused", "The request carries no token.");
      return caller;
    },
  };
}

/** Whose bundles they are, for who may hand over. @throws role-refused */
export function ownerOf({ session }: Caller): Address | null {
  if (session !== null && session.role.kind !== "aggregator") throw new Refused("role-refused", "A contributor reads; the operator lists who hands over.");
  return session?.account ?? null;
}

/** Whether rounds, models and statuses of a federation are for the caller to see. Null: of none yet. */
export function mayRead({ session }: Caller, federation: number | null): boolean {
  return session === null || session.role.kind === "aggregator" || (federation !== null && session.role.federations.includes(federation));
}
