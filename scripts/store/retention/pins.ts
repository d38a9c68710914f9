import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { ChongwenError } from "../../../protocol/errors.ts";
import { bytes32 } from "../../../protocol/schema.ts";
import type { Digest } from "../cid.ts";
import { writeJson } from "../write-json.ts";
import type { Pin } from "./retained.ts";

const pinSchema = z.strictObject({ digest: bytes32, why: z.string().min(1).max(200), until: z.int().min(0).nullable() });

/** What is kept by hand, a small file each. The rest is kept because the ledger names it, and is remembered nowhere. */
export interface Pins {
  list(): Promise<readonly Pin[]>;
  add(pin: Pin): Promise<void>;
  /** @returns Whether there was one. */
  remove(digest: Digest): Promise<boolean>;
}

export function openPins(dir: string): Pins {
  const fileOf = (digest: Digest): string => path.join(dir, `${digest.toLowerCase()}.json`);
  return {
    async list() {
      const names = (await readdir(dir).catch(absent)).filter((name) => /^0x[0-9a-f]{64}\.json$/.test(name)).sort();
      return Promise.all(names.map((name) => readPin(path.join(dir, name))));
    },
    add: (pin) => writeJson(fileOf(pin.digest), pinSchema.parse({ ...pin, digest: pin.digest.toLowerCase() })),
    async remove(digest) {
      const known = (await readdir(dir).catch(absent)).includes(path.basename(fileOf(digest)));
      await rm(fileOf(digest), { force: true });
      return known;
    },
  };
}

const absent = (error: unknown): string[] => {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
};

/** A pin that cannot be read may be the only reason to keep something: nothing is swept until somebody has looked at it. */
async function readPin(file: string): Promise<Pin> {
  try {
    return pinSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new ChongwenError({ code: "pin-damaged", message: `${file} is no pin.`, fix: "Restore it, or remove it and pin the artefact again with `npx chongwen store pin`.", cause });
  }
}
