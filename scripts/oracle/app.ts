import type { Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Hex } from "viem";
import { canonicalJson } from "../../protocol/bundle/canonical-json.ts";
import { encodeBundleStatus, type BundleStatus } from "../../protocol/handover/bundle-status.ts";
import { encodeOpenRound } from "../../protocol/handover/open-round.ts";
import { bytesOf } from "../../protocol/index.ts";
import { describeRevert } from "../chain/transactor.ts";
import { addressOf, createServiceApp, loopbackHost, type ServiceRules } from "../service/app.ts";
import { createLimit } from "../service/limit.ts";
import { Refused } from "../service/refusal.ts";
import { createCallers, mayRead, ownerOf } from "./callers.ts";
import { isVerdict } from "./handed.ts";
import type { Intake } from "./intake.ts";
import type { FederationLedger } from "./ledger.ts";
import { openApi } from "./openapi.ts";
import { paced } from "./pace.ts";
import { failureOf } from "./problem.ts";
import { addSessionRoutes, isSignIn } from "./sessions/routes.ts";
import type { Sessions } from "./sessions/sessions.ts";

export interface OracleAppParameters {
  readonly intake: Intake;
  readonly ledgers: readonly FederationLedger[];
  /** Null: nobody has one. */
  readonly token: string | null;
  /** Null: nobody can sign in. */
  readonly sessions: Sessions | null;
  /** What other operators ask, with signed requests instead of a token. */
  readonly peers?: Hono | null;
  /** Told of every request that is refused, with its code. */
  readonly refused?: (code: string) => void;
  readonly rules: Pick<ServiceRules, "now" | "warn"> & Partial<Pick<ServiceRules, "allowsHost">>;
}

/** Requests a minute of one network address: a bundle that other operators fetch is up to 270. */
const PEERS = 6_000;

/** What aggregators and contributors ask over HTTP. Programs only: no page may call it. @throws oracle-token-weak */
export function createOracleApp({ intake, ledgers, token, sessions, peers = null, rules, refused = () => undefined }: OracleAppParameters): Hono {
  const app = createServiceApp({ allowsHost: loopbackHost, ...rules, perMinute: null, allowsOrigin: () => false, maxBody: null });
  const callers = createCallers({ token, sessions, now: rules.now, open: (context) => context.req.path === "/v1/openapi.json" || (sessions !== null && isSignIn(context)) });
  const ledgerOf = (context: Context): FederationLedger => {
    const found = ledgers.find(({ federation }) => String(federation) === context.req.param("federation"));
    if (found === undefined) throw new Refused("federation-not-served", "This oracle does not serve that federation.");
    if (!mayRead(callers.of(context), found.federation)) throw new Refused("role-refused", `The account has no seat in federation ${found.federation}.`);
    return found;
  };
  const bundleOf = (context: Context): Hex => {
    const digest = context.req.param("digest") ?? "";
    if (!/^0x[0-9a-f]{64}$/.test(digest)) throw new Refused("request-invalid", "A bundle is named by its digest: 0x and 64 hexadecimal digits in lower case.");
    return digest as Hex;
  };

  if (peers !== null) {
    const limit = createLimit({ burst: PEERS, perMinute: PEERS, now: rules.now });
    app.use("/v1/peers/*", async (context, next) => {
      if (!limit.take(addressOf(context))) throw new Refused("too-many-requests", "Too many requests in a short time.");
      return next();
    });
    app.route("/v1/peers", peers);
  }
  app.use("/v1/*", callers.admit);
  app.get("/v1/openapi.json", (context) => context.json(openApi));
  if (sessions !== null) addSessionRoutes(app, sessions, callers);
  app.get("/v1/federations/:federation/round", async (context) => {
    const open = await ledgerOf(context).openRound();
    if (open === null) throw new Refused("round-not-open", "A round is sealed and waits for its report.");
    return send(context, 200, encodeOpenRound(open));
  });
  app.get("/v1/federations/:federation/rounds/:round/model", async (context) => {
    const ledger = ledgerOf(context);
    const round = context.req.param("round");
    const report = /^(0|[1-9][0-9]{0,7})$/.test(round) ? await ledger.report(Number(round)) : null;
    if (report === null) throw new Refused("round-not-reported", `Round ${round.slice(0, 20)} has no report.`);
    return context.body(copyOf(bytesOf(await ledger.model(report))), 200, { "content-type": "application/octet-stream" });
  });
  app.put("/v1/bundles/:digest/:file{.+}", async (context) => {
    const owner = ownerOf(callers.of(context));
    if ((context.req.header("content-encoding") ?? "identity") !== "identity") throw new Refused("file-refused", "Files are taken as they are, not compressed.");
    const length = context.req.header("content-length");
    const declared = length !== undefined && /^[0-9]{1,15}$/.test(length) ? Number(length) : null;
    const { body } = context.req.raw;
    try {
      return send(context, 200, encoded(await intake.put(bundleOf(context), context.req.param("file"), body ?? nothing(), declared, owner)));
    } finally {
      await drain(body);
    }
  });
  app.post("/v1/bundles/:digest", async (context) => {
    const owner = ownerOf(callers.of(context));
    return send(context, 202, encoded(await intake.complete(bundleOf(context), owner)));
  });
  app.get("/v1/bundles/:digest", async (context) => {
    const caller = callers.of(context);
    const status = await intake.status(bundleOf(context), caller.session?.account ?? null);
    // Of what concerns another federation a contributor is not even told that it is there.
    if (!mayRead(caller, status.federation)) throw new Refused("bundle-unknown", `Nothing of ${status.bundle} has come here.`);
    return send(context, 200, encoded(status));
  });

  app.onError((error, context) => {
    const failure = failureOf(error);
    const { code, message, fix, retryable } = failure;
    if (failure !== error) rules.warn(`a request: ${describeRevert(error)}`);
    refused(code);
    const status: ContentfulStatusCode = failure instanceof Refused ? failure.status : isVerdict(failure) ? 422 : 503;
    const text = canonicalJson({ error: { code, message: message.slice(0, 2000).toWellFormed(), fix, retryable } });
    return send(context, status, new TextEncoder().encode(text));
  });
  return app;
}

const encoded = (status: BundleStatus): Uint8Array => encodeBundleStatus(status);

/** hono's types want a buffer of its own. */
const copyOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

const send = (context: Context, status: ContentfulStatusCode, json: Uint8Array): Response => context.body(copyOf(json), status, { "content-type": "application/json" });

/** Bytes of a body that is not wanted which are still read: else the connection breaks before its sender has read why. */
const DRAINED = 2 ** 28;
/** Who is still sending what nobody wants has to hurry. */
const HURRY = { grace: 5_000, perSecond: 2 ** 20 };

async function drain(body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (body === null || body.locked) return;
  let left = DRAINED;
  try {
    for await (const piece of paced(body, HURRY)) if ((left -= piece.length) < 0) return;
  } catch {
    // Its sender is gone, or what took it in has ended it.
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}
