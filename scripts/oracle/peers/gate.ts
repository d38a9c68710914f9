/** Whom a service answers: operators of the current epoch, each request signed, for this operator, now and once. */
import type { Context } from "hono";
import type { Address } from "viem";
import { bodyHashOf, isSignedBySender, PEER_WINDOW, readPeerHeader } from "../../../protocol/handover/peer-request.ts";
import type { Domain } from "../../../protocol/index.ts";
import { Refused } from "../../service/refusal.ts";
import type { PeerMemory } from "./memory.ts";
import type { SignerSet } from "./signers.ts";
import { readBounded, TooLong } from "./bounded.ts";

export interface GateParameters {
  readonly self: Address;
  readonly domain: Domain;
  readonly signers: SignerSet;
  readonly memory: PeerMemory;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Bytes of a body. */
  readonly mostBody: number;
}

/** Who asks, and what. @throws peer-refused, peer-clock, peer-unknown, peer-replayed, request-too-large */
export type Gate = (context: Context) => Promise<{ readonly from: Address; readonly body: Uint8Array }>;

export function createGate({ self, domain, signers, memory, now, mostBody }: GateParameters): Gate {
  return async (context) => {
    const { req } = context;
    const { request, signature } = readPeerHeader(req.header("authorization"), { method: req.method, path: new URL(req.url).pathname });
    if (request.to !== self) throw new Refused("peer-refused", `The request is for the operator ${request.to}; this is ${self}.`);
    const apart = request.time - now();
    if (Math.abs(apart) > PEER_WINDOW) {
      throw new Refused("peer-clock", `The request says that it is ${request.time}; the clock here is ${Math.round(Math.abs(apart))} seconds ${apart > 0 ? "behind" : "ahead"}, and at most ${PEER_WINDOW} are taken.`);
    }
    if (!(await signers.read()).includes(request.from)) throw new Refused("peer-unknown", `${request.from} is no operator of the current epoch.`);
    // The signature covers the body's hash: nobody else makes this service read a body.
    if (!(await isSignedBySender(domain, request, signature).catch(() => false))) throw new Refused("peer-refused", `The request is not signed by ${request.from}.`);
    const body = await readBounded(req.raw.body, mostBody).catch((error: unknown) => {
      throw error instanceof TooLong ? new Refused("request-too-large", `A request holds at most ${mostBody} bytes.`) : error;
    });
    if (bodyHashOf(body) !== request.bodyHash) throw new Refused("peer-refused", "The body is not the one that was signed.");
    if (!memory.takeNonce(request.from, request.nonce, request.time + PEER_WINDOW, now())) throw new Refused("peer-replayed", "This very request was taken before.");
    return { from: request.from, body };
  };
}
