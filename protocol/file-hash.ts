/** All hashes that the formats know a file by, in one pass over a stream: memory stays flat whatever the file's size. */
import { createKeccak, createSHA256 } from "hash-wasm";
import { toHex, type Hex } from "./bytes.ts";
import { protocolError } from "./errors.ts";
import { CHUNK_BYTES, hashTreeRoot, rootOfSubtrees } from "./ssz/merkle.ts";
import { formatCid } from "./unixfs/cid.ts";
import { ARTEFACT_PROFILE, directoryOf, fileOf, leaf, type Link } from "./unixfs/encode.ts";

/**
 * @param updateRoot,modelRoot SSZ roots of the bytes as int16 lanes of an update and as int32 lanes of a model; they differ for tiny files only.
 * @param cid Of the file in an artefact. @param artefact Digest of the artefact that holds just this file.
 */
export interface FileHashes {
  readonly bytes: number;
  readonly keccak256: Hex;
  readonly sha256: Hex;
  readonly updateRoot: Hex;
  readonly modelRoot: Hex;
  readonly cid: string;
  readonly artefact: Hex;
}

export interface FileHasher {
  update(bytes: Uint8Array): void;
  /** Once, at the end. */
  finish(): FileHashes;
}

const PIECE = ARTEFACT_PROFILE.chunk;
/** log2 of the chunks in a piece. */
const PIECE_DEPTH = Math.log2(PIECE / CHUNK_BYTES);
/** 64 GiB: beyond, the list of pieces itself would grow large. */
const MAX_PIECES = 2 ** 16;

/** Depth of the smallest tree that the format has for a file of this size. @param least Depth of the smallest vector. */
function depthFor(bytes: number, least: number): number {
  let depth = least;
  while (CHUNK_BYTES * 2 ** depth < bytes) depth++;
  return depth;
}

/** @throws out-of-range, from `update`, above 64 GiB */
export async function createFileHasher(): Promise<FileHasher> {
  const [keccak, sha256] = await Promise.all([createKeccak(256), createSHA256()]);
  keccak.init();
  sha256.init();
  const piece = new Uint8Array(PIECE);
  const leaves: Link[] = [];
  const roots: Uint8Array[] = [];
  let filled = 0;
  let total = 0;

  function closePiece(): void {
    const bytes = piece.subarray(0, filled);
    leaves.push(leaf(bytes));
    if (leaves.length > MAX_PIECES) throw protocolError("out-of-range", `A file of more than ${MAX_PIECES} MiB is not hashed here.`);
    roots.push(hashTreeRoot(bytes, PIECE_DEPTH));
    filled = 0;
  }

  function sszRoot(least: number): Hex {
    const depth = depthFor(total, least);
    if (leaves.length === 1 && depth <= PIECE_DEPTH) return toHex(hashTreeRoot(piece.subarray(0, total), depth));
    const joined = new Uint8Array(roots.length * CHUNK_BYTES);
    roots.forEach((root, i) => joined.set(root, i * CHUNK_BYTES));
    return toHex(rootOfSubtrees(joined, PIECE_DEPTH, depth));
  }

  return {
    update(bytes) {
      keccak.update(bytes);
      sha256.update(bytes);
      total += bytes.length;
      for (let at = 0; at < bytes.length; ) {
        // A full piece is closed when the next byte comes, so that the last one is never empty.
        if (filled === PIECE) closePiece();
        const count = Math.min(PIECE - filled, bytes.length - at);
        piece.set(bytes.subarray(at, at + count), filled);
        filled += count;
        at += count;
      }
    },
    finish() {
      closePiece();
      const file = fileOf(leaves);
      return {
        bytes: total,
        keccak256: `0x${keccak.digest("hex")}`,
        sha256: `0x${sha256.digest("hex")}`,
        updateRoot: sszRoot(2),
        modelRoot: sszRoot(3),
        cid: formatCid(file.cid),
        artefact: toHex(directoryOf(new Map([["content", file]])).cid.subarray(4)),
      };
    },
  };
}
