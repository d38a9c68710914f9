import type { Hex } from "viem";
import { readWithin } from "./read-within.ts";

/** The server has no such file, or did not answer. Never a statement about the artefact itself. */
export class ArtefactUnavailable extends Error {
  override readonly name = "ArtefactUnavailable";
}

/** The server sends more than such a file may have. Nothing of it was kept. */
export class ArtefactTooLarge extends Error {
  override readonly name = "ArtefactTooLarge";
}

/**
 * The bytes of a file inside an artefact. They are worth nothing until they were compared with a hash from the chain.
 * @param limit Most bytes that are taken from a server that nobody trusts.
 */
export async function fetchArtefact(digest: Hex, path: string, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const url = new URL(`artefacts/${digest}/${path}`, document.baseURI);
  const response = await fetch(url, { cache: "force-cache" }).catch((error: unknown) => {
    throw new ArtefactUnavailable(`${path}: ${String(error)}`);
  });
  if (!response.ok) throw new ArtefactUnavailable(`${path}: HTTP ${response.status}`);
  if (response.body === null || limit === Number.POSITIVE_INFINITY) return new Uint8Array(await response.arrayBuffer());
  const bytes = await readWithin(response.body, limit);
  if (bytes === undefined) throw new ArtefactTooLarge(`${path}: more than ${limit} bytes`);
  return bytes;
}
