// The real data sets lie outside the project, because not all of them may be passed on. Where: CHONGWEN_DATA, else ../shared/data beside the project.
import { readFileSync } from "node:fs";
import path from "node:path";

export const DATA_DIRECTORY = path.resolve(process.env["CHONGWEN_DATA"] ?? path.resolve(import.meta.dirname, "..", "..", "..", "shared", "data"));

/** A data set is not on this machine. Whoever measures says so and goes on with the others. */
export class DataAbsent extends Error {
  override readonly name = "DataAbsent";
}

/** @throws DataAbsent */
export function readData(file: string): Buffer {
  try {
    return readFileSync(path.join(DATA_DIRECTORY, file));
  } catch (cause) {
    throw new DataAbsent(`${file} is not in ${DATA_DIRECTORY}: set CHONGWEN_DATA to the directory that holds it.`, { cause });
  }
}
