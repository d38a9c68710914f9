import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { firstIssue } from "../../protocol/schema.ts";

/** A file that a person wrote. @param refuse Makes the error: what is wrong with the file. @throws what `refuse` makes */
export async function readJsonFile<Value>(file: string, schema: z.ZodType<Value>, refuse: (message: string, cause?: unknown) => Error): Promise<Value> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw refuse("it cannot be read as JSON.", cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refuse(firstIssue(parsed.error), parsed.error);
  return parsed.data;
}
