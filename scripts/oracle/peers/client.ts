/** Another operator's service, asked over HTTP. It may be dead, slow, lying, or somebody else: no redirect is followed, nothing endless is read, nothing is believed. */
import { randomBytes } from "node:crypto";
import type { Address, Hex, LocalAccount } from "viem";
import type { z } from "zod";
import { ChongwenError } from "../../../protocol/errors.ts";
import { bodyHashOf, peerHeader, peerRequestData, type PeerRequest } from "../../../protocol/handover/peer-request.ts";
import { decodeJson, toCompactSignature, type Domain } from "../../../protocol/index.ts";
import type { OperatorElsewhere, SignatureRequest } from "../../operator/quorum.ts";
import { toHex } from "../../../protocol/bytes.ts";
import { bounded, readBounded, TooLong } from "./bounded.ts";
import { ANSWER_LIMIT, bundlesAnswer, encodeAsked, filesAnswer, refusalOf, signatureAnswer } from "./messages.ts";

export interface Peer extends OperatorElsewhere {
  /** Paths of a directory's files, by its digest. */
  files(digest: Hex, signal: AbortSignal): Promise<readonly string[]>;
  /** One file in pieces. @param most Bytes. */
  file(digest: Hex, path: string, most: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  bundles(signal: AbortSignal): Promise<readonly Hex[]>;
  announce(bundle: Hex, signal: AbortSignal): Promise<void>;
}

export interface PeerParameters {
  readonly address: Address;
  /** Without a slash at its end. */
  readonly url: string;
  readonly self: LocalAccount;
  readonly domain: Domain;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly fetch: typeof fetch;
}

export function createPeer({ address: to, url, self, domain, now, fetch: request }: PeerParameters): Peer {
  const base = url.replace(/\/+$/, "");

  async function send(method: "GET" | "POST", route: string, signal: AbortSignal, body: Uint8Array = new Uint8Array()): Promise<Response> {
    // As the service there sees it, whatever a proxy has before it.
    const path = `/v1/peers/${route}`;
    const asked: PeerRequest = { from: self.address, to, method, path, bodyHash: bodyHashOf(body), time: Math.floor(now()), nonce: toHex(randomBytes(32)) };
    const signature = toCompactSignature(await self.signTypedData(peerRequestData(domain, asked)));
    const response = await request(`${base}${path}`, {
      method, signal, redirect: "error", headers: { authorization: peerHeader(asked, signature), ...(method === "POST" ? { "content-type": "application/json" } : {}) }, ...(method === "POST" ? { body: Uint8Array.from(body) } : {}),
    }).catch((cause: unknown) => {
      throw silent(to, cause);
    });
    if (!response.ok) throw refusalOf(to, response.status, await readBounded(response.body, ANSWER_LIMIT).catch(() => new Uint8Array()));
    return response;
  }

  async function answer<Value>(schema: z.ZodType<Value>, response: Response): Promise<Value> {
    const bytes = await readBounded(response.body, ANSWER_LIMIT).catch((cause: unknown) => {
      throw cause instanceof TooLong ? invalid(to, `it answers more than ${ANSWER_LIMIT} bytes`) : silent(to, cause);
    });
    const parsed = schema.safeParse(decodeJson(bytes, "The answer", ANSWER_LIMIT));
    if (!parsed.success) throw invalid(to, "its answer is malformed");
    return parsed.data;
  }

  return {
    address: to,
    async ask(statement: SignatureRequest, signal) {
      return (await answer(signatureAnswer, await send("POST", "signatures", signal, encodeAsked(statement)))).signature;
    },
    files: async (digest, signal) => (await answer(filesAnswer, await send("GET", `artefacts/${digest}`, signal))).files,
    async *file(digest, path, most, signal) {
      const { body } = await send("GET", `artefacts/${digest}/${path}`, signal);
      const pieces = bounded(body, most)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { value, done } = await pieces.next().catch((cause: unknown) => {
            throw cause instanceof TooLong ? invalid(to, `${path} is longer than anything that is fetched`) : silent(to, cause);
          });
          if (done === true) return;
          yield value;
        }
      } finally {
        await pieces.return?.();
      }
    },
    bundles: async (signal) => (await answer(bundlesAnswer, await send("GET", "bundles", signal))).bundles,
    async announce(bundle, signal) {
      const { body } = await send("POST", `bundles/${bundle}`, signal);
      await body?.cancel();
    },
  };
}

const silent = (peer: Address, cause: unknown): ChongwenError => new ChongwenError({ code: "peer-silent", message: `The service of the operator ${peer} does not answer.`, fix: "Ask whoever runs it; nothing is lost meanwhile.", retryable: true, cause });

const invalid = (peer: Address, what: string): ChongwenError => new ChongwenError({ code: "peer-answer-invalid", message: `The service of the operator ${peer} answers nothing usable: ${what}.`, fix: "Ask whoever runs it which software it is.", retryable: false });
