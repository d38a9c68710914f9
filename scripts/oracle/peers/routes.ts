/** What other operators' services may ask. docs/operators.md lists the routes. */
import { Hono, type Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Hex } from "viem";
import { canonicalJson, encodeJson, type Json } from "../../../protocol/bundle/canonical-json.ts";
import { describeRevert } from "../../chain/transactor.ts";
import { Refused } from "../../service/refusal.ts";
import type { ArtefactStore } from "../../store/index.ts";
import type { Inbox } from "../inbox.ts";
import type { OracleJournal } from "../journal.ts";
import { failureOf } from "../problem.ts";
import type { Gate } from "./gate.ts";
import type { Gossip } from "./gossip.ts";
import { decodeAsked } from "./messages.ts";
import type { Signing } from "./signing.ts";

export interface PeerRoutesParameters {
  readonly gate: Gate;
  readonly signing: Signing;
  readonly gossip: Gossip;
  readonly inbox: Inbox;
  readonly journal: OracleJournal;
  /** The own store: what is not in it is not asked for elsewhere. */
  readonly store: ArtefactStore;
  readonly federations: readonly number[];
  readonly warn: (message: string) => void;
}

/** Bundles that are named at a time. */
const MOST_LISTED = 512;
const PIECE = 2 ** 18;

/** To be mounted at /v1/peers. */
export function createPeerRoutes({ gate, signing, gossip, inbox, journal, store, federations, warn }: PeerRoutesParameters): Hono {
  const app = new Hono();
  const digestOf = (context: Context): Hex => {
    const digest = context.req.param("digest") ?? "";
    if (!/^0x[0-9a-f]{64}$/.test(digest)) throw new Refused("request-invalid", "A directory is named by its digest: 0x and 64 hexadecimal digits in lower case.");
    return digest as Hex;
  };

  app.post("/signatures", async (context) => {
    const { from, body } = await gate(context);
    return send(context, 200, { signature: await signing.sign(from, decodeAsked(body)) });
  });
  app.get("/bundles", async (context) => {
    await gate(context);
    // Reported ones too: a report that is overturned is made again from its bundle.
    const held = federations.flatMap((federation) => journal.list(federation, ["waiting", "sealing", "sealed", "reported"])).slice(0, MOST_LISTED);
    const there = await Promise.all(held.map(({ bundle }) => inbox.holds(bundle)));
    return send(context, 200, { bundles: held.filter((_, i) => there[i]).map(({ bundle }) => bundle) });
  });
  app.post("/bundles/:digest", async (context) => {
    const { from } = await gate(context);
    gossip.hear(from, digestOf(context));
    return send(context, 202, {});
  });
  app.get("/artefacts/:digest", async (context) => {
    await gate(context);
    const digest = digestOf(context);
    const files = (await inbox.holds(digest)) ? await inbox.held(digest).list() : await (await stored(digest)).list();
    return send(context, 200, { files });
  });
  app.get("/artefacts/:digest/:file{.+}", async (context) => {
    await gate(context);
    const [digest, file] = [digestOf(context), context.req.param("file")];
    const headers = { "content-type": "application/octet-stream" };
    if (!(await inbox.holds(digest))) return context.body(Uint8Array.from(await (await stored(digest)).read(file)), 200, headers);
    if (!(await inbox.held(digest).list()).includes(file)) throw new Refused("bundle-unknown", `${digest} has no such file.`);
    return context.body(ReadableStream.from<Uint8Array>(inbox.held(digest).pieces(file, PIECE)), 200, headers);
  });

  async function stored(digest: Hex) {
    if (!(await store.has(digest))) throw new Refused("bundle-unknown", `There is no ${digest} here.`);
    return store.open(digest);
  }

  app.onError((error, context) => {
    const failure = failureOf(error);
    const { code, message, fix, retryable } = failure;
    if (failure !== error) warn(`a peer's request: ${describeRevert(error)}`);
    const status: ContentfulStatusCode = failure instanceof Refused ? failure.status : code === "peer-header-invalid" ? 401 : retryable ? 503 : 422;
    return context.body(canonicalJson({ error: { code, message: message.slice(0, 2_000).toWellFormed(), fix, retryable } }), status, { "content-type": "application/json" });
  });
  return app;
}

const send = (context: Context, status: ContentfulStatusCode, json: Json): Response => context.body(Uint8Array.from(encodeJson(json)), status, { "content-type": "application/json" });
