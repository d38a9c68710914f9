/**
 * How a custodian binds a holdout before the rounds that it judges. Each thing that cannot be made again is on disk, whole, before the next is done: the salt, then what it is to
 * be committed as, then the transaction. Cut off anywhere, the same command goes on; nothing is ever written over.
 */
import { randomUUID } from "node:crypto";
import { chmod, link, lstat, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { isAddressEqual, type Address, type Hex } from "viem";
import { z } from "zod";
import { toHex } from "../../protocol/bytes.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { decodeJson, encodeJson, type Json } from "../../protocol/index.ts";
import { address, bytes32 } from "../../protocol/schema.ts";
import { encodeHoldout } from "../../protocol/scoring/holdout-files.ts";
import type { DataTerms } from "../../protocol/terms/terms.ts";
import { commitmentTo, readHoldoutFiles, readPlain, readSalt, readSaltedHoldout, SALT_FILE, SALT_FORMAT, unreadable, type SaltedHoldout } from "./folder.ts";

/** What was to be committed, and where: it shows that the files are still the same. */
export const COMMITMENT_FILE = "commitment.json";
const FORMAT = "chongwen-holdout-commitment";
const LIMIT = 4_096;
const schema = z.strictObject({ format: z.literal(FORMAT), version: z.literal(1), chainId: z.int().positive(), holdouts: address, federation: z.int().positive(), commitment: bytes32 });

/** @param holdouts Address of `Holdouts`. */
export interface CommitmentPlace {
  readonly chainId: number;
  readonly holdouts: Address;
  readonly federation: number;
}

export interface PrepareParameters {
  readonly folder: string;
  readonly data: DataTerms;
  readonly place: CommitmentPlace;
  /** 32 bytes, cryptographically secure. */
  readonly random: () => Uint8Array;
  /** Told how far it is: where a test kills it. */
  readonly reached?: (point: "salt" | "commitment") => void;
}

export interface Prepared extends SaltedHoldout {
  readonly commitment: Hex;
  /** False: an earlier call did it. */
  readonly isNew: boolean;
}

/** Draws the salt, and writes down what is to be committed. A second call finds both. @throws holdout-unreadable, holdout-changed, holdout-elsewhere, length-mismatch, out-of-range */
export async function prepareHoldout({ folder, data, place, random, reached = () => undefined }: PrepareParameters): Promise<Prepared> {
  const before = await readSalt(folder);
  const planned = await readCommitment(folder);
  if (before === null && planned !== null) throw unreadable(`${COMMITMENT_FILE} is there, and the ${SALT_FILE} that it was made with is gone: without it nobody can open that commitment.`);
  // Wrong files are found before anything is written about them.
  const holdout = await readHoldoutFiles(folder, data, before?.records);
  const salt = before?.salt ?? toHex(random());
  if (before === null) await writeNew(folder, SALT_FILE, { format: SALT_FORMAT, version: 1, records: holdout.targets.length, salt });
  reached("salt");
  const commitment = commitmentTo({ salt, holdout }, data);
  if (planned === null) await writeNew(folder, COMMITMENT_FILE, { format: FORMAT, version: 1, ...place, holdouts: place.holdouts.toLowerCase(), commitment });
  else requireSame(folder, planned, place, commitment);
  reached("commitment");
  return { salt, holdout, commitment, isNew: planned === null };
}

/** What an earlier call prepared. @throws holdout-unreadable, holdout-changed, holdout-elsewhere */
export async function readPrepared({ folder, data, place }: Pick<PrepareParameters, "folder" | "data" | "place">): Promise<Prepared> {
  const planned = await readCommitment(folder);
  if (planned === null) throw unreadable(`There is no ${COMMITMENT_FILE}: it was never prepared.`);
  const salted = await readSaltedHoldout(folder, data);
  const commitment = commitmentTo(salted, data);
  requireSame(folder, planned, place, commitment);
  return { ...salted, commitment, isNew: false };
}

/** A copy for an operator, in a folder of its own under `to`, which only its owner can read. @returns That folder. @throws holdout-there */
export async function handHoldout({ commitment, salt, holdout }: Prepared, to: string): Promise<string> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const target = path.join(to, commitment);
  if ((await lstat(target).catch(() => null)) !== null) throw there(target);
  // Whoever looks meanwhile finds no half of it: what begins so has no salt until it is whole.
  const part = path.join(to, `.${randomUUID()}.part`);
  await mkdir(part, { mode: 0o700 });
  try {
    for (const [name, bytes] of encodeHoldout(holdout)) await writeSynced(path.join(part, name), bytes);
    await writeSynced(path.join(part, SALT_FILE), encodeJson({ format: SALT_FORMAT, version: 1, records: holdout.targets.length, salt }));
    await syncFolder(part);
    await rename(part, target);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST" || error.code === "ENOTDIR") ? there(target, error) : error;
  }
  await syncFolder(to);
  return target;
}

/** Null when there is none. @throws holdout-unreadable, json-invalid */
async function readCommitment(folder: string): Promise<z.infer<typeof schema> | null> {
  if ((await lstat(path.join(folder, COMMITMENT_FILE)).catch(() => null)) === null) return null;
  const parsed = schema.safeParse(decodeJson(await readPlain(folder, COMMITMENT_FILE, LIMIT), COMMITMENT_FILE, LIMIT));
  if (!parsed.success) throw unreadable(`${COMMITMENT_FILE} is not what this command writes.`, parsed.error);
  return parsed.data;
}

function requireSame(folder: string, planned: z.infer<typeof schema>, { chainId, holdouts, federation }: CommitmentPlace, commitment: Hex): void {
  if (planned.chainId !== chainId || planned.federation !== federation || !isAddressEqual(planned.holdouts as Address, holdouts)) {
    throw new ChongwenError({
      code: "holdout-elsewhere",
      message: `The holdout in ${folder} was prepared for federation ${planned.federation} on chain ${planned.chainId}, not for federation ${federation} on chain ${chainId}.`,
      fix: "Records that were shown once judge nothing any more: take other records, in a folder of their own.",
    });
  }
  if (planned.commitment === commitment) return;
  throw new ChongwenError({
    code: "holdout-changed",
    message: `The files in ${folder} give ${commitment}; they gave ${planned.commitment} when the holdout was prepared.`,
    fix: "Put the files back as they were, with their salt.json. Another holdout goes into a folder of its own.",
  });
}

const there = (folder: string, cause?: unknown): ChongwenError =>
  new ChongwenError({ code: "holdout-there", message: `${folder} is there already.`, fix: "It was handed over before. Nothing is written over: remove it first if it is not what was committed.", cause });

/** Whole or not at all, and never over what is there. */
async function writeNew(folder: string, name: string, content: Json): Promise<void> {
  const part = path.join(folder, `.${randomUUID()}.part`);
  try {
    await writeSynced(part, encodeJson(content));
    // Unlike a renaming, this fails where there is one already.
    await link(part, path.join(folder, name));
  } catch (error) {
    throw error instanceof Error && "code" in error && error.code === "EEXIST" ? there(path.join(folder, name), error) : error;
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(folder);
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  await writeFile(file, bytes, { flag: "wx", mode: 0o600, flush: true });
  // Whatever the process's mask.
  await chmod(file, 0o600);
}

/** What was named in it stays named when the machine stops. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
