// Which Node runs the command, and which file a command's name means.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { LaunchError } from "./error.mjs";
import { windows } from "./platform.mjs";

/** The first Node that runs our TypeScript sources without a flag. */
const OLDEST = "22.18.0";

/** @param {string} root the checkout
 *  @returns {string} the Node executable installed for this platform, or the running one when that is new enough */
export function pickNode(root) {
  const platform = windows ? "win" : process.platform;
  const file = path.join("bin", windows ? "node.exe" : "node");
  for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    const node = path.join(root, "node_modules", name, file);
    // Tried, not only found: on a musl system the packaged binary exists but does not start.
    if (fs.existsSync(node) && spawnSync(node, ["--version"]).status === 0) return node;
  }
  if (process.versions.node.localeCompare(OLDEST, "en", { numeric: true }) >= 0) return process.execPath;
  throw new LaunchError(
    `There is no packaged Node for ${process.platform}-${process.arch}. ` +
      `Please use Node ${OLDEST} or newer (this is ${process.version}).`,
  );
}

/** @param {string} root the checkout
 *  @param {string} command a script of the checkout (`scripts/cli.ts`) or the binary of a direct dependency (`hardhat`)
 *  @returns {string} the file to run */
export function resolveCommand(root, command) {
  if (/\.[cm]?[jt]s$/.test(command)) return script(path.resolve(root, command), command);

  const { packages } = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8"));
  const { dependencies, devDependencies } = packages[""];
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    const file = packages[`node_modules/${name}`]?.bin?.[command];
    if (file !== undefined) return path.join(root, "node_modules", name, file);
  }
  throw new LaunchError(`No dependency of this project has a binary named "${command}".`, 2);
}

/** @param {string} file
 *  @param {string} command */
function script(file, command) {
  if (fs.existsSync(file)) return file;
  throw new LaunchError(`There is no file ${command} in this checkout.`, 2);
}
