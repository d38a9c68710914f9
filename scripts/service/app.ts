import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import type { z } from "zod";
import { toWire } from "../../protocol/annotation/index.ts";
import { firstIssue } from "../../protocol/schema.ts";
import { createLimit } from "./limit.ts";
import { Refused } from "./refusal.ts";

export interface ServiceRules {
  /** Which pages may call. A program that is no browser sends no origin and may. */
  readonly allowsOrigin: (origin: string) => boolean;
  /** Host names, with port, that the service answers to: a page elsewhere cannot reach it by pointing its own name here (DNS rebinding). */
  readonly allowsHost: (host: string) => boolean;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Null: the routes take bodies as they come and count the bytes themselves. */
  readonly maxBody: number | null;
  /** Requests of one network address. Null: the routes limit who asks by themselves. */
  readonly perMinute: number | null;
  /** Reports what should not happen. */
  readonly warn: (message: string) => void;
}

/** What the project's services have in common: who may call, how much, and how refusals look. Nothing is ever cached. */
export function createServiceApp({ allowsOrigin, allowsHost, now, maxBody, perMinute, warn }: ServiceRules): Hono {
  const app = new Hono();
  const limit = perMinute === null ? null : createLimit({ burst: perMinute, perMinute, now });
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
      referrerPolicy: "no-referrer",
      crossOriginResourcePolicy: "same-origin",
    }),
  );
  app.use(async (context, next) => {
    const { req } = context;
    if (!allowsHost(req.header("host") ?? "")) throw new Refused("host-refused", "This service does not go by that name.");
    const origin = req.header("origin");
    if (origin !== undefined) {
      if (!allowsOrigin(origin)) throw new Refused("origin-refused", "This page may not use the service.");
      context.header("access-control-allow-origin", origin);
      context.header("vary", "Origin");
    }
    context.header("cache-control", "no-store");
    if (req.method === "OPTIONS") {
      context.header("access-control-allow-headers", "authorization, content-type");
      context.header("access-control-allow-methods", "GET, POST");
      context.header("access-control-max-age", "600");
      return context.body(null, 204);
    }
    if (limit?.take(addressOf(context)) === false) throw new Refused("too-many-requests", "Too many requests in a short time.");
    return next();
  });
  if (maxBody !== null) app.use(bodyLimit({ maxSize: maxBody, onError: () => { throw new Refused("request-too-large", `A request holds at most ${maxBody} bytes.`); } }));
  app.notFound(() => {
    throw new Refused("nothing-there", "There is nothing at this address.");
  });
  app.onError((error, context) => {
    const refused = error instanceof Refused ? error : unexpected(error, warn);
    const { code, message, fix, retryable, status } = refused;
    return context.body(toWire({ code, message, fix, retryable }), status, { "content-type": "application/json", "cache-control": "no-store" });
  });
  return app;
}

function unexpected(error: unknown, warn: ServiceRules["warn"]): Refused {
  warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return new Refused("ledger-silent", "Something this service needs does not answer.");
}

/** The network address of the asker; all that come through a proxy share one. */
export function addressOf(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? "";
  } catch {
    return "";
  }
}

/** @throws request-invalid */
export async function readBody<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.output<Schema>> {
  let value: unknown;
  try {
    value = JSON.parse(await context.req.text());
  } catch (cause) {
    if (cause instanceof Refused) throw cause;
    throw new Refused("request-invalid", "The request is not JSON.", cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Refused("request-invalid", `The request is not valid: ${firstIssue(parsed.error).slice(0, 200)}.`);
  return parsed.data;
}

/** Sends what the schema allows and nothing else. */
export function send<Schema extends z.ZodType>(context: Context, _schema: Schema, value: z.output<Schema>): Response {
  return context.body(toWire(value), 200, { "content-type": "application/json" });
}

/** Pages on this machine, whatever their port: for the local demonstration only. */
export const loopbackOrigin = (origin: string): boolean => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/.test(origin);
export const loopbackHost = (host: string): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host);
