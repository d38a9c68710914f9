// Is node_modules what package-lock.json says? npm writes node_modules/.package-lock.json as the very last step of an
// install, so that file is our stamp: an interrupted install has none, and one made by hand (`npm ci`) counts too.
import fs from "node:fs";
import path from "node:path";

/** @typedef {string | string[] | undefined} Names some packages give one name, others a list
 *  @typedef {{version?: string, integrity?: string, optional?: boolean, os?: Names, cpu?: Names, libc?: Names}} Entry */

/** @param {string} root the checkout
 *  @returns {boolean} whether nothing needs to be installed */
export function isFresh(root) {
  const installed = packagesOf(path.join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) return false;
  const locked = packagesOf(path.join(root, "package-lock.json"));
  if (locked === undefined) return false;

  return (
    Object.keys(installed).every((key) => key in locked) &&
    Object.entries(locked).every(([key, wanted]) => key === "" || agrees(wanted, installed[key]))
  );
}

/** @param {string} file
 *  @returns {Record<string, Entry> | undefined} */
function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")).packages;
  } catch {
    return undefined; // Absent or cut off midway: either way not an install to trust.
  }
}

/** @param {Entry} wanted
 *  @param {Entry | undefined} found */
function agrees(wanted, found) {
  if (found === undefined) return wanted.optional === true && !isMadeForThisPlatform(wanted);
  return found.version === wanted.version && found.integrity === wanted.integrity;
}

/** npm leaves out optional packages of other platforms and what only they need. One made for this platform must be
 *  there, or we would run on a crippled tree. Those that also name a C library are left to npm's own probe.
 *  @param {Entry} entry */
function isMadeForThisPlatform({ os, cpu, libc }) {
  if (libc !== undefined || (os === undefined && cpu === undefined)) return false;
  return allows(os, process.platform) && allows(cpu, process.arch);
}

/** @param {Names} names
 *  @param {string} name */
function allows(names, name) {
  if (names === undefined) return true;
  const list = [names].flat();
  if (list.includes(`!${name}`)) return false;
  return list.includes(name) || list.every((entry) => entry.startsWith("!"));
}
