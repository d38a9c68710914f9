import { randomUUID } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import path from "node:path";

/** Writes a small file whole or not at all, and only returns when a power cut would not lose it. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const unfinished = `${file}.${randomUUID()}.new`;
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await open(unfinished, "w");
  try {
    await handle.writeFile(`${JSON.stringify(value)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}
