import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { bytesToHex, type Hex } from "viem";
import { imageRefused, type CleanImage } from "./images/image.ts";
import { typeOf } from "./images/clean.ts";

/** Pictures on the custodian's disk, each under the hash of its bytes; where they came from and what they were called is not kept. */
export interface Pictures {
  /** @returns Its SHA-256, which names it from now on. */
  put(image: CleanImage): Promise<Hex>;
  /** @throws image-refused when it is missing or was changed */
  read(hash: Hex): Promise<{ readonly bytes: Uint8Array; readonly type: CleanImage["type"] }>;
}

export const imageHash = (bytes: Uint8Array): Hex => bytesToHex(createHash("sha256").update(bytes).digest());

export function openPictures(dir: string): Pictures {
  const fileOf = (hash: Hex): string => {
    if (!/^0x[0-9a-f]{64}$/.test(hash)) throw imageRefused("That names no picture.");
    return path.join(dir, hash.slice(2));
  };
  return {
    async put({ bytes }) {
      const hash = imageHash(bytes);
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const file = fileOf(hash);
      await writeFile(`${file}.new`, bytes, { mode: 0o600, flush: true });
      await rename(`${file}.new`, file);
      return hash;
    },
    async read(hash) {
      const bytes = await readFile(fileOf(hash)).catch((cause: unknown) => {
        throw imageRefused("The picture is missing.", cause);
      });
      if (imageHash(bytes) !== hash) throw imageRefused("The picture is not the one that its hash names.");
      return { bytes, type: typeOf(bytes) };
    },
  };
}
