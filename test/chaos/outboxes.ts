import { readdir } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Hashes of all transactions that the outboxes in a folder have written down. To be read when their service has ended. */
export async function readOutbox(dir: string): Promise<string[]> {
  const files = (await readdir(dir).catch((): string[] => [])).filter((name) => name.endsWith(".sqlite"));
  return files.flatMap((name) => {
    const database = new DatabaseSync(path.join(dir, name));
    try {
      return database.prepare("SELECT hash FROM attempts").all().map(({ hash }) => String(hash));
    } finally {
      database.close();
    }
  });
}
