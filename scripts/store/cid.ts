import { CID } from "multiformats/cid";
import { create as createMultihash } from "multiformats/hashes/digest";
import { InvalidDigest } from "./errors.ts";

/** SHA-256 digest of an artefact's root block, as the chain records it. */
export type Digest = `0x${string}`;

export const DAG_PB = 0x70;
export const RAW = 0x55;
export const SHA2_256 = 0x12;

/**
 * The content identifier a digest stands for. An artefact's root is always a UnixFS directory, so its codec is always
 * dag-pb and the 32 bytes alone are enough.
 */
export function digestToCid(digest: Digest): CID {
  if (typeof digest !== "string" || !/^0x[0-9a-f]{64}$/i.test(digest)) {
    throw new InvalidDigest(String(digest), "is not 0x followed by 64 hexadecimal digits");
  }
  return CID.createV1(DAG_PB, createMultihash(SHA2_256, Uint8Array.from(Buffer.from(digest.slice(2), "hex"))));
}

/** The digest of an artefact's content identifier, given as an object or as text ("bafybei…"). */
export function cidToDigest(cid: CID | string): Digest {
  const parsed = typeof cid === "string" ? parseCid(cid) : cid;
  if (parsed.code !== DAG_PB) throw new InvalidDigest(String(cid), "is not a dag-pb root, so not a directory");
  if (!isSha256(parsed)) throw new InvalidDigest(String(cid), "is not a SHA-256 content identifier");
  return `0x${Buffer.from(parsed.multihash.digest).toString("hex")}`;
}

/** Whether a content identifier carries a whole SHA-256: identity and shortened hashes prove nothing. */
export function isSha256(cid: CID): boolean {
  return cid.multihash.code === SHA2_256 && cid.multihash.digest.length === 32;
}

function parseCid(text: string): CID {
  try {
    return CID.parse(text);
  } catch (cause) {
    throw new InvalidDigest(text, "is not a content identifier", cause);
  }
}
