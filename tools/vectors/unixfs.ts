// Digests of directories as the store makes them: an aggregator elsewhere has to name its bundle by the same 32 bytes.
import { importer } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { balanced } from "ipfs-unixfs-importer/layout";
import { digestOf } from "../../scripts/store/index.ts";
import { importerProfile } from "../../scripts/store/profile.ts";

/** Byte i of a file: so that a megabyte needs no megabyte here. */
export const fileBytes = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 255);

interface VectorFile {
  readonly path: string;
  readonly bytes: number;
  readonly seed: number;
}

const SETS: Readonly<Record<string, readonly VectorFile[]>> = {
  "one file": [{ path: "manifest.json", bytes: 300, seed: 1 }],
  "nothing, and next to nothing": [{ path: "a", bytes: 0, seed: 1 }, { path: "b", bytes: 1, seed: 1 }],
  "like a round bundle": [
    { path: "model.bin", bytes: 400, seed: 3 }, { path: "updates/2.bin", bytes: 200, seed: 5 }, { path: "updates/10.bin", bytes: 200, seed: 7 }, { path: "updates.json", bytes: 9, seed: 9 },
  ],
  "several leaves": [{ path: "large.bin", bytes: 2 * 2 ** 20 + 17, seed: 1 }, { path: "exact.bin", bytes: 2 ** 20, seed: 3 }, { path: "above.bin", bytes: 2 ** 18 + 1, seed: 5 }],
  "as many updates as a round has": Array.from({ length: 256 }, (_, i) => ({ path: `updates/${i * 3}.bin`, bytes: i, seed: 1 })),
};

/** A file in small leaves and narrow nodes: with the real profile, a second level of nodes would take a gigabyte. */
async function fileDigest(length: number, chunk: number, width: number): Promise<string> {
  const profile = { ...importerProfile(), wrapWithDirectory: false, chunker: fixedSize({ chunkSize: chunk }), layout: balanced({ maxChildrenPerNode: width }) };
  let digest = "";
  for await (const { cid } of importer([{ path: "f", content: fileBytes(length, 1) }], { put: async (cid) => cid }, profile)) digest = Buffer.from(cid.multihash.digest).toString("hex");
  return `0x${digest}`;
}

export async function unixfsVectors() {
  const [chunk, width] = [4, 3];
  return {
    directories: await Promise.all(
      Object.entries(SETS).map(async ([name, files]) => ({
        name, files, digest: await digestOf(new Map(files.map(({ path, bytes, seed }) => [path, fileBytes(bytes, seed)]))),
      })),
    ),
    files: await Promise.all([0, 1, 4, 5, 12, 13, 36, 37, 40, 111, 112, 500].map(async (bytes) => ({ chunk, width, bytes, seed: 1, digest: await fileDigest(bytes, chunk, width) }))),
  };
}
