/** Opens a dossier that anybody may have made: a folder is walked without following links, within bounds, and every byte of it is hashed before it counts. */
import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { lstat, open, opendir, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { Hex } from "viem";
import { decodeJson } from "../../protocol/bundle/canonical-json.ts";
import { decodeCover, type DossierCover } from "../../protocol/dossier/cover.ts";
import { decodeManifest, DOSSIER_FILES, DOSSIER_FOLDERS, DOSSIER_LIMITS, mostBytes, type DossierFile, type DossierManifest } from "../../protocol/dossier/manifest.ts";
import { decodeProofs, type DossierProofs } from "../../protocol/dossier/proofs.ts";
import { decodeReceipts, type DossierReceipts } from "../../protocol/dossier/receipts.ts";
import { ChongwenError, protocolError } from "../../protocol/errors.ts";
import { factsSchema, type LedgerFacts } from "../../protocol/ledger/facts.ts";
import { firstIssue } from "../../protocol/schema.ts";

/** A file that is not as the manifest says, or the cover of the manifest. @param isGone Nothing shows that anything is wrong but that it is not there. */
export interface Damage {
  readonly path: string;
  readonly message: string;
  readonly isGone: boolean;
}

/** @param name SHA-256 of the manifest as it is. @param facts,proofs Null when their file is damaged; proofs and receipts also when there are none. */
export interface OpenedDossier {
  readonly name: Hex;
  readonly manifest: DossierManifest;
  readonly cover: DossierCover | null;
  readonly facts: LedgerFacts | null;
  readonly proofs: DossierProofs | null;
  readonly receipts: DossierReceipts | null;
  readonly hasProofs: boolean;
  readonly damage: readonly Damage[];
}

const invalid = (message: string, cause?: unknown): ChongwenError => protocolError("dossier-invalid", message, cause);
/** Names of files come from strangers, and go to a terminal. */
const shown = (name: string): string => JSON.stringify(name.slice(0, 120));
/** What is not only hashed. */
const READ: ReadonlySet<string> = new Set([DOSSIER_FILES.facts, DOSSIER_FILES.proofs, DOSSIER_FILES.headers, DOSSIER_FILES.receipts]);
const OPENING = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const CHUNK = 2 ** 20;

/** @returns Null when the manifest is not the one that the cover names: then nothing else can be judged. @throws dossier-invalid, json-invalid, version-unknown */
export async function openDossier(dir: string): Promise<OpenedDossier | Damage> {
  const top = await lstat(dir).catch((cause: unknown) => {
    throw invalid(`There is no dossier at ${dir}.`, cause);
  });
  if (!top.isDirectory()) throw invalid(`${dir} is no folder.`);
  const present = await listFiles(dir);
  const damage: Damage[] = [];
  const cover = await readCover(dir, damage);
  const bytes = await readWhole(dir, DOSSIER_FILES.manifest, DOSSIER_LIMITS.manifest);
  if (bytes === null) throw invalid(`${dir} has no ${DOSSIER_FILES.manifest}.`);
  const name = sha256(bytes);
  if (cover !== null && cover.manifest !== name) return { path: DOSSIER_FILES.manifest, message: `its SHA-256 is ${name}; ${DOSSIER_FILES.cover} names ${cover.manifest}`, isGone: false };
  const manifest = decodeManifest(bytes);
  const listed = new Set(manifest.files.map((file) => file.path));
  const unlisted = present.find((file) => !listed.has(file) && file !== DOSSIER_FILES.manifest && file !== DOSSIER_FILES.cover);
  if (unlisted !== undefined) throw invalid(`The dossier holds ${shown(unlisted)}, which its manifest does not list.`);

  const whole = new Map<string, Uint8Array>();
  for (const file of manifest.files) {
    const isRead = READ.has(file.path);
    const found = isRead ? await readListed(dir, file, whole) : await hashListed(dir, file);
    if (found !== null) damage.push(found);
  }
  const [facts, proofs, headers, receipts] = [whole.get(DOSSIER_FILES.facts), whole.get(DOSSIER_FILES.proofs), whole.get(DOSSIER_FILES.headers), whole.get(DOSSIER_FILES.receipts)];
  if (!listed.has(DOSSIER_FILES.facts)) throw invalid(`The dossier has no ${DOSSIER_FILES.facts}.`);
  return {
    name, manifest, cover, damage, hasProofs: listed.has(DOSSIER_FILES.proofs),
    facts: facts === undefined ? null : decodeFacts(facts),
    proofs: proofs === undefined ? null : decodeProofs(proofs),
    receipts: headers === undefined || receipts === undefined ? null : decodeReceipts(headers, receipts),
  };
}

const sha256 = (bytes: Uint8Array): Hex => `0x${createHash("sha256").update(bytes).digest("hex")}`;

function decodeFacts(bytes: Uint8Array): LedgerFacts {
  const parsed = factsSchema.safeParse(decodeJson(bytes, DOSSIER_FILES.facts, DOSSIER_LIMITS.facts));
  if (!parsed.success) throw invalid(`${DOSSIER_FILES.facts} is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  return parsed.data;
}

async function readCover(dir: string, damage: Damage[]): Promise<DossierCover | null> {
  const bytes = await readWhole(dir, DOSSIER_FILES.cover, DOSSIER_LIMITS.cover);
  try {
    if (bytes !== null) return decodeCover(bytes);
    damage.push({ path: DOSSIER_FILES.cover, message: "is missing", isGone: true });
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    damage.push({ path: DOSSIER_FILES.cover, message: error.message, isGone: false });
  }
  return null;
}

/** Every file, as the manifest would name it. Folders hold folders at most two deep. @throws dossier-invalid */
async function listFiles(dir: string): Promise<string[]> {
  const files: string[] = [];
  let seen = 0;
  async function walk(folder: string, depth: number): Promise<void> {
    for await (const entry of await opendir(path.join(dir, folder))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      // A block has a folder of its own at worst.
      if (++seen > 2 * DOSSIER_LIMITS.files + 16) throw invalid(`The dossier has more than ${DOSSIER_LIMITS.files} files.`);
      if (entry.isDirectory()) {
        if (depth >= 2 || !isFolder(name)) throw invalid(`The dossier holds a folder ${shown(name)}, which no dossier has.`);
        await walk(name, depth + 1);
      } else requirePlain(entry, name, files);
    }
  }
  await walk("", 0);
  return files;
}

const isFolder = (name: string): boolean => name === DOSSIER_FOLDERS.store || name === DOSSIER_FOLDERS.erased || /^store\/[A-Z2-7]{2}$/.test(name);

function requirePlain(entry: Dirent, name: string, files: string[]): void {
  if (!entry.isFile()) throw invalid(`The dossier holds ${shown(name)}, which is a link or a device, not a file.`);
  files.push(name);
}

/** Null when there is none. @throws dossier-invalid for a link, a device, or more bytes than such a file may have */
async function openPlain(dir: string, name: string, most: number): Promise<{ readonly handle: FileHandle; readonly size: number } | null> {
  let handle: FileHandle;
  try {
    handle = await open(path.join(dir, ...name.split("/")), OPENING);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw invalid(`${shown(name)} of the dossier cannot be opened as a plain file.`, error);
  }
  const stats = await handle.stat();
  if (stats.isFile() && stats.size <= most) return { handle, size: stats.size };
  await handle.close();
  throw invalid(stats.isFile() ? `${shown(name)} of the dossier has ${stats.size} bytes, more than ${most}.` : `${shown(name)} of the dossier is a link or a device, not a file.`);
}

async function readWhole(dir: string, name: string, most: number): Promise<Uint8Array | null> {
  const found = await openPlain(dir, name, most);
  if (found === null) return null;
  try {
    const bytes = new Uint8Array(found.size);
    let length = 0;
    for (let count = 1; count > 0 && length < found.size; length += count) count = (await found.handle.read(bytes, length, found.size - length)).bytesRead;
    return bytes.subarray(0, length);
  } finally {
    await found.handle.close();
  }
}

const gone = (file: DossierFile): Damage => ({ path: file.path, message: "is missing", isGone: true });
const changed = ({ path, bytes, sha256: expected }: DossierFile, size: number, hash: string): Damage => ({
  path, isGone: false, message: size === bytes ? `its SHA-256 is ${hash}; the manifest says ${expected}` : `it has ${size} bytes; the manifest says ${bytes}`,
});

async function readListed(dir: string, file: DossierFile, whole: Map<string, Uint8Array>): Promise<Damage | null> {
  const bytes = await readWhole(dir, file.path, mostBytes(file.path) ?? 0);
  if (bytes === null) return gone(file);
  const hash = sha256(bytes);
  if (bytes.length !== file.bytes || hash !== file.sha256) return changed(file, bytes.length, hash);
  whole.set(file.path, bytes);
  return null;
}

/** Without keeping it: the store hashes a block again when it is read. */
async function hashListed(dir: string, file: DossierFile): Promise<Damage | null> {
  const found = await openPlain(dir, file.path, mostBytes(file.path) ?? 0);
  if (found === null) return gone(file);
  try {
    const hash = createHash("sha256");
    const chunk = new Uint8Array(Math.min(CHUNK, Math.max(1, found.size)));
    let size = 0;
    for (let count = 1; count > 0 && size <= file.bytes; size += count) {
      count = (await found.handle.read(chunk, 0, chunk.length)).bytesRead;
      hash.update(chunk.subarray(0, count));
    }
    const digest = `0x${hash.digest("hex")}`;
    return size === file.bytes && digest === file.sha256 ? null : changed(file, found.size, digest);
  } finally {
    await found.handle.close();
  }
}
