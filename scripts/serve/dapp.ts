import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { ChongwenError } from "../../protocol/errors.ts";

/** The dapp, and the verify page in a folder of it, with its single file beside. */
const PAGES = ["frontend", "frontend/verify"];

/** Builds the pages when their sources have changed since the last build. @returns The folder with the built pages. */
export async function buildDapp(root: string): Promise<string> {
  const dist = path.join(root, "frontend", "dist");
  const stampFile = path.join(dist, ".sources");
  const stamp = await hashSources(root);
  if ((await readFile(stampFile, "utf8").catch(() => "")) === stamp) return dist;
  const vite = path.join(path.dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin", "vite.js");
  // One after another: the first empties the folder that the second writes into.
  for (const page of PAGES) {
    try {
      await promisify(execFile)(process.execPath, [vite, "build", page, "--logLevel", "error"], { cwd: root });
    } catch (cause) {
      throw new ChongwenError({
        code: "dapp-build-failed",
        message: `The page ${page} does not build: ${cause instanceof Error && "stderr" in cause ? String(cause.stderr).slice(-2000) : String(cause)}`,
        fix: `Run \`npx vite build ${page}\` to see the whole output.`,
        cause,
      });
    }
  }
  await writeFile(stampFile, stamp);
  return dist;
}

/** Everything that the pages are made of; the verify page also knows the contracts' code. */
async function hashSources(root: string): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of ["frontend", "protocol", "contracts"]) {
    const names = await readdir(path.join(root, folder), { recursive: true });
    for (const name of names.sort()) {
      if (name.startsWith("dist") || !/\.(ts|tsx|css|html|svg|json|sol)$/.test(name)) continue;
      hash.update(name).update(await readFile(path.join(root, folder, name)));
    }
  }
  hash.update(await readFile(path.join(root, "package-lock.json")));
  return hash.digest("hex");
}
