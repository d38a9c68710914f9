import { createDiskStore } from "../../../scripts/store/index.ts";
import { noise } from "./fixtures.ts";

/** What the process that gets killed puts. */
export function victimFiles(): Map<string, Uint8Array> {
  const files = new Map([["model.bin", noise(20_000_000)]]);
  for (let i = 0; i < 50; i++) files.set(`updates/${i}.bin`, noise(10_000, i + 2));
  return files;
}

if (import.meta.main) await createDiskStore(process.argv[2] ?? "").putDirectory(victimFiles());
