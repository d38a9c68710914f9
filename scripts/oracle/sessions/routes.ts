import type { Context, Hono } from "hono";
import { z } from "zod";
import { Refused } from "../../service/refusal.ts";
import type { Callers } from "../callers.ts";
import { paced } from "../pace.ts";
import type { Session, Sessions } from "./sessions.ts";

const LARGEST = 8_192;
const PACE = { grace: 10_000, perSecond: 4_096 };

const signIn = z.strictObject({ message: z.string().max(4_096), signature: z.string().max(200) });

/** Whether a request is part of signing in: who does it has nothing to show yet. */
export const isSignIn = ({ req: { path, method } }: Context): boolean => (path === "/v1/sessions/nonce" && method === "GET") || (path === "/v1/sessions" && method === "POST");

/** A nonce, a session for a signed message, what a session may, and its end. */
export function addSessionRoutes(app: Hono, sessions: Sessions, callers: Callers): void {
  app.get("/v1/sessions/nonce", (context) => context.json(sessions.invite()));
  app.post("/v1/sessions", async (context) => {
    const { message, signature } = await readSignIn(context);
    const session = await sessions.enter(message, signature);
    return context.json({ token: session.token, ...told(session) }, 201);
  });
  app.get("/v1/sessions", (context) => context.json(told(sessionOf(callers, context))));
  app.delete("/v1/sessions", (context) => {
    sessionOf(callers, context);
    sessions.leave(context.req.header("authorization"));
    return context.body(null, 204);
  });
}

const told = ({ account, role, expiresAt }: Session) => ({ account, role: role.kind, federations: role.kind === "contributor" ? role.federations : null, expiresAt });

/** @throws token-refused for who came with the oracle's token, which is no session */
function sessionOf(callers: Callers, context: Context): Session {
  const { session } = callers.of(context);
  if (session === null) throw new Refused("token-refused", "The oracle's token is no session.");
  return session;
}

/** @throws request-invalid, request-too-large */
async function readSignIn(context: Context): Promise<z.output<typeof signIn>> {
  const { body } = context.req.raw;
  try {
    return signIn.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await whole(body ?? []))));
  } catch (cause) {
    if (cause instanceof Refused && cause.code === "request-too-large") throw cause;
    throw new Refused("request-invalid", 'To sign in, send {"message": …, "signature": …}.', cause);
  }
}

async function whole(body: ReadableStream<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body instanceof ReadableStream ? paced(body, PACE) : body) {
    if ((bytes += piece.length) > LARGEST) throw new Refused("request-too-large", `A request to sign in has at most ${LARGEST} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
