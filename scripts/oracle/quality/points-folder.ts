/** Points that issuers signed for a settlement, as files in a folder: `chongwen … points` writes them, and whoever runs the service puts them there. */
import { lstat, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { decodeJson, type Domain } from "../../../protocol/index.ts";
import { parseTierPoints, tierPointsProblem, type TierPoints } from "../../../protocol/scoring/tier-points.ts";
import type { Issuers } from "../../../protocol/terms/terms.ts";
import { ChongwenError, protocolError } from "../../../protocol/errors.ts";

export interface PointsQuestion {
  /** Of `Settlement`. */
  readonly domain: Domain;
  readonly federation: number;
  readonly settlement: number;
  readonly seatCount: number;
  readonly issuers: Issuers;
  /** Told of files that cannot count, and why: nobody is paid for them until they are mended. */
  readonly warn: (message: string) => void;
}

const NAME = /^points-.*\.json$/;
const MOST_FILES = 1_024;
const MOST_BYTES = 8 * 2 ** 20;

/**
 * Files named `points-….json` in the folder and in the folders in it. What is for another settlement is passed over; what is for this one and cannot count is left out, so that
 * one bad file holds up nobody else's pay. Of two files about the same subject of a tier, the first by name counts.
 */
export async function readPointsFolder(folder: string, question: PointsQuestion): Promise<TierPoints[]> {
  const { federation, settlement, warn } = question;
  const counted = new Map<string, TierPoints>();
  for (const file of await filesIn(folder, warn)) {
    const points = await readPoints(path.join(folder, file)).catch((error: unknown) => {
      if (!(error instanceof ChongwenError)) throw error;
      warn(`${file} does not count: ${error.message}`);
      return null;
    });
    if (points === null || points.statement.federation !== federation || points.statement.settlement !== settlement) continue;
    const subject = `${points.statement.tier} ${points.statement.subject}`;
    const problem = counted.has(subject) ? "another file is about the same subject" : await tierPointsProblem(points, question);
    if (problem === null) counted.set(subject, points);
    else warn(`${file} does not count in settlement ${settlement}: ${problem}.`);
  }
  return [...counted.values()];
}

async function filesIn(folder: string, warn: (message: string) => void): Promise<string[]> {
  const here = await readdir(folder, { withFileTypes: true });
  const below = await Promise.all(here.filter((entry) => entry.isDirectory()).map(async ({ name }) => (await readdir(path.join(folder, name))).map((file) => path.join(name, file))));
  const files = [...here.map(({ name }) => name), ...below.flat()].filter((file) => NAME.test(path.basename(file))).toSorted();
  if (files.length > MOST_FILES) warn(`${folder} has ${files.length} files of points; the first ${MOST_FILES} by name are read.`);
  return files.slice(0, MOST_FILES);
}

/** @throws points-invalid, json-invalid */
async function readPoints(file: string): Promise<TierPoints> {
  const found = await lstat(file);
  // A link could lead anywhere, and a pipe would never end.
  if (!found.isFile() || found.size > MOST_BYTES) throw protocolError("points-invalid", `It is no file of at most ${MOST_BYTES} bytes.`);
  return parseTierPoints(decodeJson(new Uint8Array(await readFile(file)), "The file", MOST_BYTES));
}
