import { randomFillSync } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Hex } from "viem";
import { erasedError } from "../../protocol/audit/erasure.ts";
import { SLIP_LIMIT } from "../../protocol/privacy/key-slip.ts";
import { readErasures } from "./erasures.ts";

/** What a statement about an erased slip names, under its envelope's id. */
export const SLIP_PATH = "key slip";

/** Key slips of envelopes: one small file each, beside the store and in no bundle, so that it can be destroyed. */
export interface KeySlips {
  put(envelope: Hex, slip: Uint8Array): Promise<void>;
  /** Null when there is none. @throws artefact-erased when a statement says so */
  get(envelope: Hex): Promise<Uint8Array | null>;
  /** @returns Whether there was one. */
  destroy(envelope: Hex): Promise<boolean>;
  /** Ids of all envelopes that have one. */
  list(): Promise<Hex[]>;
}

/** @param erasedDir Where statements of erasures lie: an envelope's stands under its id. */
export function diskKeySlips(dir: string, erasedDir: string): KeySlips {
  const fileOf = (envelope: Hex): string => {
    if (!/^0x[0-9a-f]{64}$/.test(envelope)) throw new TypeError(`${envelope} is no envelope's id.`);
    return path.join(dir, `${envelope}.json`);
  };
  const erasures = readErasures(erasedDir);
  return {
    async put(envelope, slip) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const unfinished = `${fileOf(envelope)}.${process.pid}.new`;
      await writeFile(unfinished, slip, { mode: 0o600, flush: true });
      await rename(unfinished, fileOf(envelope));
    },
    async get(envelope) {
      const size = await stat(fileOf(envelope)).then((found) => found.size, () => -1);
      if (size >= 0 && size <= SLIP_LIMIT) return readFile(fileOf(envelope));
      const erasure = await erasures(envelope, SLIP_PATH);
      if (erasure !== null) throw erasedError(erasure);
      return null;
    },
    async destroy(envelope) {
      const file = fileOf(envelope);
      const size = await stat(file).then((found) => found.size, () => -1);
      if (size < 0) return false;
      // Overwritten before it goes. What a file system, a disk or a backup keeps besides is beyond this program.
      const handle = await open(file, "r+");
      try {
        await handle.write(randomFillSync(new Uint8Array(size)), 0, size, 0);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rm(file);
      return true;
    },
    async list() {
      const names = await readdir(dir).catch(() => []);
      return names.flatMap((name) => (/^0x[0-9a-f]{64}\.json$/.test(name) ? [name.slice(0, -5) as Hex] : [])).sort();
    },
  };
}
