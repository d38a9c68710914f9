import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { ChongwenError } from "../../protocol/errors.ts";

/** Builds the dapp when its sources have changed since the last build. @returns The folder with the built page. */
export async function buildDapp(root: string): Promise<string> {
  const dist = path.join(root, "frontend", "dist");
  const stampFile = path.join(dist, ".sources");
  const stamp = await hashSources(root);
  if ((await readFile(stampFile, "utf8").catch(() => "")) === stamp) return dist;
  const vite = path.join(path.dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin", "vite.js");
  try {
    await promisify(execFile)(process.execPath, [vite, "build", "frontend", "--logLevel", "error"], { cwd: root });
  } catch (cause) {
    throw new ChongwenError({
      code: "dapp-build-failed",
      message: `The dapp does not build: ${cause instanceof Error && "stderr" in cause ? String(cause.stderr).slice(-2000) : String(cause)}`,
      fix: "Run `npx vite build frontend` to see the whole output.",
      cause,
    });
  }
  await writeFile(stampFile, stamp);
  return dist;
}

/** Everything that the page is made of. */
async function hashSources(root: string): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of ["frontend", "protocol"]) {
    const names = await readdir(path.join(root, folder), { recursive: true });
    for (const name of names.sort()) {
      if (name.startsWith("dist") || !/\.(ts|tsx|css|html|svg|json)$/.test(name)) continue;
      hash.update(name).update(await readFile(path.join(root, folder, name)));
    }
  }
  hash.update(await readFile(path.join(root, "package-lock.json")));
  return hash.digest("hex");
}
