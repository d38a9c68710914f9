import type { Hex } from "viem";

/** The server has no such file, or did not answer. Never a statement about the artefact itself. */
export class ArtefactUnavailable extends Error {
  override readonly name = "ArtefactUnavailable";
}

/** The bytes of a file inside an artefact. They are worth nothing until they were compared with a hash from the chain. */
export async function fetchArtefact(digest: Hex, path: string): Promise<Uint8Array> {
  const url = new URL(`artefacts/${digest}/${path}`, document.baseURI);
  const response = await fetch(url, { cache: "force-cache" }).catch((error: unknown) => {
    throw new ArtefactUnavailable(`${path}: ${String(error)}`);
  });
  if (!response.ok) throw new ArtefactUnavailable(`${path}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
