/** A holdout as a folder: its own files, and beside them what its custodian keeps secret until a settlement opens it. */
import { lstat, open } from "node:fs/promises";
import { constants } from "node:fs";
import path from "node:path";
import type { Hash, Hex } from "viem";
import { z } from "zod";
import { ChongwenError } from "../../protocol/errors.ts";
import { decodeJson } from "../../protocol/index.ts";
import { bytes32 } from "../../protocol/schema.ts";
import { holdoutCommitment } from "../../protocol/scoring/holdout-commitment.ts";
import { decodeHoldout, HOLDOUT_FILES, HOLDOUT_LIMIT, openingOf } from "../../protocol/scoring/holdout-files.ts";
import type { Holdout } from "../../protocol/scoring/window.ts";
import type { DataTerms } from "../../protocol/terms/terms.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";

export const SALT_FILE = "salt.json";
export const SALT_FORMAT = "chongwen-holdout-salt";
const SALT_LIMIT = 4_096;
const saltSchema = z.strictObject({ format: z.literal(SALT_FORMAT), version: z.literal(1), records: z.int().positive(), salt: bytes32 });

/** With the salt that its commitment was made with. */
export interface SaltedHoldout {
  readonly salt: Hash;
  readonly holdout: Holdout;
}

/** What a custodian has committed to with this salt and these files. */
export const commitmentTo = ({ salt, holdout }: SaltedHoldout, { head }: Pick<DataTerms, "head">): Hex => holdoutCommitment(openingOf(salt, holdout, head.features, nativeHashPairs));

/** @throws holdout-unreadable, json-invalid, length-mismatch, out-of-range */
export async function readSaltedHoldout(folder: string, data: DataTerms): Promise<SaltedHoldout> {
  const secret = await readSalt(folder);
  if (secret === null) throw unreadable(`There is no ${SALT_FILE}.`);
  return { salt: secret.salt, holdout: await readHoldoutFiles(folder, data, secret.records) };
}

/** Null when there is none. @throws holdout-unreadable, json-invalid */
export async function readSalt(folder: string): Promise<z.infer<typeof saltSchema> | null> {
  const file = path.join(folder, SALT_FILE);
  if ((await lstat(file).catch(() => null)) === null) return null;
  const secret = saltSchema.safeParse(decodeJson(await readPlain(folder, SALT_FILE, SALT_LIMIT), SALT_FILE, SALT_LIMIT));
  if (!secret.success) throw unreadable(`${SALT_FILE} is not what a custodian writes.`, secret.error);
  return secret.data;
}

/** @param records Default: as many as there are values for. @throws holdout-unreadable, length-mismatch, out-of-range */
export async function readHoldoutFiles(folder: string, data: DataTerms, records?: number): Promise<Holdout> {
  const { values, labels, strata } = HOLDOUT_FILES;
  const hasStrata = (await lstat(path.join(folder, strata)).catch(() => null)) !== null;
  const files = { values: await readPlain(folder, values), labels: await readPlain(folder, labels), strata: hasStrata ? await readPlain(folder, strata) : null };
  return decodeHoldout(files, records ?? Math.floor(files.values.length / (2 * data.head.features)), data);
}

/** A link could lead anywhere, and a pipe would never end. @throws holdout-unreadable */
export async function readPlain(folder: string, name: string, most = HOLDOUT_LIMIT): Promise<Uint8Array> {
  const handle = await open(path.join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw unreadable(`${name} is not there, or no file that can be read.`, cause);
  });
  try {
    const { size, ...found } = await handle.stat().then((stat) => ({ size: stat.size, isFile: stat.isFile() }));
    if (!found.isFile || size > most) throw unreadable(`${name} is no file, or larger than ${most} bytes.`);
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}

export const unreadable = (message: string, cause?: unknown): ChongwenError =>
  new ChongwenError({ code: "holdout-unreadable", message, fix: "Take the holdout's files as they were committed, and the salt.json that was made with them.", cause });
