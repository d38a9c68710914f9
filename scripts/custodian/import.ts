import { randomBytes } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { bytesToHex, type Hex } from "viem";
import { z } from "zod";
import { goldCommitment, readTaskSet, TASK_SET_FORMAT, taskSetRoot, taskSetSchema, VERIFICATION_LEVELS, type Gold, type TaskSet, type VerificationLevel } from "../../protocol/annotation/index.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { readJsonFile } from "../service/json-file.ts";
import { cleanImage } from "./images/clean.ts";
import { imageRefused, MAX_FILE } from "./images/image.ts";
import type { CustodianJournal } from "./journal.ts";
import type { Pictures } from "./pictures.ts";

/** What a custodian writes; tasks, gold and its commitment follow from the pictures. */
export type Draft = Omit<TaskSet, "format" | "version" | "tasks" | "goldCommitment" | "perReader"> & { readonly perReader?: number };

/** @param name For messages only: it is kept nowhere. */
export interface DraftImage {
  readonly name: string;
  readonly file: Uint8Array;
  readonly gold: { readonly answer: number; readonly level: VerificationLevel } | null;
}

export interface Imported {
  readonly root: Hex;
  readonly tasks: number;
  readonly gold: number;
  /** Pictures that were not taken, and why. */
  readonly refused: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Cleans pictures, keeps them under their hashes, and opens a task set over them. A picture that cannot be cleaned is left out and named; equal pictures count once.
 * @param secret Seeds orders and salts the gold answers: random, but for practice. @throws task-set-invalid
 */
export async function importSet(draft: Draft, images: AsyncIterable<DraftImage> | Iterable<DraftImage>, to: { journal: CustodianJournal; pictures: Pictures }, secret: Hex = bytesToHex(randomBytes(32))): Promise<Imported> {
  const tasks: { image: Hex; turn: number }[] = [];
  const entries: Gold["entries"] = [];
  const refused: { name: string; why: string }[] = [];
  for await (const { name, file, gold } of images) {
    try {
      const clean = cleanImage(file);
      const image = await to.pictures.put(clean);
      if (tasks.some((task) => task.image === image)) throw imageRefused("The same picture is here already.");
      if (gold !== null) entries.push({ task: tasks.length, ...gold } as Gold["entries"][number]);
      tasks.push({ image, turn: clean.turn });
    } catch (error) {
      if (!(error instanceof ChongwenError) || error.code !== "image-refused") throw error;
      refused.push({ name, why: error.message });
    }
  }
  const gold: Gold = { salt: secret, entries };
  const set = readTaskSet({ ...draft, format: TASK_SET_FORMAT, version: 1, perReader: Math.min(draft.perReader ?? tasks.length, tasks.length), goldCommitment: goldCommitment(gold), tasks });
  const root = taskSetRoot(set);
  to.journal.addSet({ root, set, gold, secret });
  return { root, tasks: tasks.length, gold: entries.length, refused };
}

const { format: _format, version: _version, tasks: _tasks, goldCommitment: _commitment, ledger: _ledger, chainId: _chain, perReader, ...written } = taskSetSchema.shape;
/** The custodian's own file: the draft, and which pictures have a known answer, by file name. */
const fileSchema = z.strictObject({
  ...written,
  perReader: perReader.optional(),
  gold: z.record(z.string(), z.strictObject({ answer: z.int(), level: z.enum(VERIFICATION_LEVELS) })),
});

function setFileInvalid(file: string, message: string, cause?: unknown): ChongwenError {
  return new ChongwenError({ code: "set-file-invalid", message: `${file}: ${message}`, fix: "Correct it; docs/runbooks/custodian.md shows the form.", cause });
}

/** Reads the custodian's file and names its pictures. @throws set-file-invalid */
export async function readDraft(file: string, folder: string, ledger: { chainId: number; ledger: string }): Promise<{ draft: Draft; images: AsyncIterable<DraftImage> }> {
  const { gold, perReader, ...rest } = await readJsonFile(file, fileSchema, (message, cause) => setFileInvalid(file, message, cause));
  // Names in order, so that the same folder gives the same set.
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile() && /\.(png|jpe?g)$/i.test(entry.name)).map(({ name }) => name).sort();
  const unknown = Object.keys(gold).find((name) => !names.includes(name));
  if (unknown !== undefined) throw setFileInvalid(file, `gold names ${unknown}, which is no picture in the folder.`);
  const draft = { ...rest, chainId: ledger.chainId, ledger: ledger.ledger.toLowerCase(), ...(perReader === undefined ? {} : { perReader }) };
  return { draft, images: readImages(folder, names, new Map(Object.entries(gold))) };
}

async function* readImages(folder: string, names: readonly string[], gold: ReadonlyMap<string, NonNullable<DraftImage["gold"]>>): AsyncIterable<DraftImage> {
  for (const name of names) {
    const at = path.join(folder, name);
    // A file too large to be a picture is not read; the cleaner says so.
    const file = (await stat(at)).size > MAX_FILE ? new Uint8Array(MAX_FILE + 1) : new Uint8Array(await readFile(at));
    yield { name, file, gold: gold.get(name) ?? null };
  }
}
