import type { Hex } from "viem";
import { artefactCid } from "../../../../protocol/unixfs/cid.ts";
import { readBody } from "../worker/egress.ts";
import type { FetchedFile, Source } from "./artefacts.ts";

const STATEMENT_LIMIT = 4096;
const PATIENCE = 60_000;

/** How a source names an artefact: Chongwen's server by digest, IPFS gateways by content identifier. */
export function nameOf(digest: Hex, { names }: Source): string {
  return names === "cid" ? artefactCid(digest) : digest;
}

/** A base address as a source: one that ends in /ipfs/ is a gateway. */
export function sourceOf(base: string): Source {
  const folder = base.endsWith("/") ? base : `${base}/`;
  return { base: folder, names: folder.endsWith("/ipfs/") ? "cid" : "digest" };
}

/** Over the counted network; never more bytes than asked for. */
export function createGet(network: typeof fetch) {
  return async (url: string, maxBytes: number): Promise<FetchedFile> => {
    try {
      const response = await network(url, { signal: AbortSignal.timeout(PATIENCE) });
      if (response.status === 404) return { kind: "missing" };
      if (response.status === 410) {
        const { bytes } = await readBody(response, STATEMENT_LIMIT);
        return { kind: "gone", statement: parse(bytes) };
      }
      if (!response.ok) return { kind: "unavailable", why: `HTTP ${response.status}` };
      // Callers ask for one byte more than is allowed: a longer file then fails its length check.
      return { kind: "bytes", bytes: (await readBody(response, maxBytes)).bytes };
    } catch (error) {
      return { kind: "unavailable", why: error instanceof Error ? error.message : String(error) };
    }
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}
