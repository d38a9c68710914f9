import type { ImporterOptions } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { balanced } from "ipfs-unixfs-importer/layout";
import { FOLDER_BLOCK_BYTES } from "./limits.ts";

/*
 * The one way bytes become blocks: the profile unixfs-v1-2025 (IPIP-499), every parameter written out, because the
 * defaults of the libraries and of Kubo differ and have changed. The digest of an artefact depends on each of them.
 */
const CHUNK_BYTES = 2 ** 20;
const CHILDREN_PER_NODE = 1024;

/** The profile for ipfs-unixfs-importer. A fresh object each time: the importer writes into the one it is given. */
export function importerProfile(): ImporterOptions {
  return {
    profile: "unixfs-v1-2025",
    cidVersion: 1,
    rawLeaves: true,
    reduceSingleLeafToSelf: true,
    chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
    layout: balanced({ maxChildrenPerNode: CHILDREN_PER_NODE }),
    fieldOrder: "links-first",
    shardSplitStrategy: "block-bytes",
    shardSplitThresholdBytes: FOLDER_BLOCK_BYTES,
    wrapWithDirectory: true,
    fileImportConcurrency: 8,
    blockWriteConcurrency: 8,
  };
}

/** The same profile as parameters of Kubo's `add`. */
export const kuboProfile = {
  cidVersion: 1,
  hashAlg: "sha2-256",
  rawLeaves: true,
  trickle: false,
  chunker: `size-${CHUNK_BYTES}`,
  maxFileLinks: CHILDREN_PER_NODE,
  wrapWithDirectory: true,
} as const;
