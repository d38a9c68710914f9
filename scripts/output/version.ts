import { readFile } from "node:fs/promises";

/** The version of this software, as package.json states it. */
export async function softwareVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string };
  return version;
}
