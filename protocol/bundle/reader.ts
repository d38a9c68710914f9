import { protocolError } from "../errors.ts";

/**
 * A bundle's directory, wherever it lies. Paths are relative, with "/" between names.
 * The library reads each file once and never asks for a path that is not of the format.
 */
export interface BundleReader {
  /** @param maxBytes The library looks at no more than this: an implementation may stop there. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Paths of all files. */
  list(): Promise<readonly string[]>;
}

/** A bundle in memory. */
export function mapReader(files: ReadonlyMap<string, Uint8Array>): BundleReader {
  return {
    read: async (path) => {
      const bytes = files.get(path);
      if (bytes === undefined) throw protocolError("bundle-unreadable", `The bundle has no file ${path}.`);
      return bytes;
    },
    list: async () => [...files.keys()],
  };
}

/**
 * @param maxBytes One more than the format allows: a longer file is cut there, and then fails its length check.
 * @throws bundle-unreadable (retryable) when the reader fails
 */
export async function readFile(reader: BundleReader, path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return (await reader.read(path, maxBytes)).subarray(0, maxBytes);
  } catch (cause) {
    throw protocolError("bundle-unreadable", `The bundle's file ${path} could not be read${cause instanceof Error ? `: ${cause.message}` : ""}.`, cause);
  }
}
