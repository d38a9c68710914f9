import type { SentFile } from "../worker/messages.ts";

/** Deeper or more than any artefact: somebody dropped the wrong folder. */
const MAX_FILES = 20_000;
const MAX_DEPTH = 8;

async function walk(entry: FileSystemEntry, found: SentFile[], depth: number): Promise<void> {
  if (found.length >= MAX_FILES || depth > MAX_DEPTH) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const read = (): Promise<FileSystemEntry[]> => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  // A reader gives a hundred entries at a time, and none at the end.
  for (let batch = await read(); batch.length > 0; batch = await read()) for (const child of batch) await walk(child, found, depth + 1);
}

/** Files and folders of a drop. */
export async function filesOfDrop({ items, files }: DataTransfer): Promise<SentFile[]> {
  // Entries must be taken before the first wait: the list is emptied after the event.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return filesOfList(files);
  const found: SentFile[] = [];
  for (const entry of entries) await walk(entry, found, 0);
  return found;
}

export function filesOfList(files: FileList | null): SentFile[] {
  return [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath, file }));
}
