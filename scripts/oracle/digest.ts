import type { Hex } from "viem";
import { toHex } from "../../protocol/bytes.ts";
import { cidBytes, RAW } from "../../protocol/unixfs/cid.ts";
import { ARTEFACT_PROFILE, directoryOf, fileOf, type Link } from "../../protocol/unixfs/encode.ts";
import type { Folder } from "./folder.ts";

/** The digest that a folder has as an artefact, whatever its size: a leaf at a time is in memory, and the platform hashes it in a thread of its own. */
export async function folderDigest(folder: Folder): Promise<Hex> {
  const files = new Map<string, Link>();
  for (const file of await folder.list()) {
    const leaves: Link[] = [];
    for await (const piece of folder.pieces(file, ARTEFACT_PROFILE.chunk)) leaves.push(await leafOf(piece));
    files.set(file, fileOf(leaves.length === 0 ? [await leafOf(new Uint8Array())] : leaves));
  }
  return toHex(directoryOf(files).cid.subarray(4));
}

async function leafOf(bytes: Uint8Array<ArrayBuffer>): Promise<Link> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { cid: cidBytes(RAW, digest), size: bytes.length, total: bytes.length };
}
