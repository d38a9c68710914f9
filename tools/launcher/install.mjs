// Installs the locked dependencies beside the checkout's node_modules and moves them in at the end, so that an
// interrupted install leaves nothing half done and two at once cannot spoil each other's tree.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { claim } from "./claim.mjs";
import { LaunchError } from "./error.mjs";
import { isFresh } from "./fresh.mjs";
import { exitCodeOf, windows } from "./platform.mjs";

const INPUTS = ["package.json", "package-lock.json", ".npmrc"];
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** Returns at once when node_modules already matches the lock.
 *  @param {string} root the checkout */
export async function ensureInstalled(root) {
  const done = () => isFresh(root);
  if (done()) return;

  const claimed = path.join(root, ".install");
  const release = await claim(claimed, { done, waiting: () => say("Waiting for another install to finish…") });
  if (release === undefined) return;
  try {
    // A name of its own: the npm of a killed launcher may still be writing to the former one.
    await install(root, fs.mkdtempSync(path.join(claimed, "tree-")));
  } finally {
    release();
  }
}

/** @param {string} root
 *  @param {string} staging an empty directory */
async function install(root, staging) {
  say("Installing the locked dependencies (first run, or the lock changed)…");
  const started = Date.now();
  for (const name of INPUTS) fs.copyFileSync(path.join(root, name), path.join(staging, name));
  await npmCi(staging);
  moveIn(root, staging);
  say(`Dependencies ready in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

/** @param {string} staging
 *  @returns {Promise<void>} */
function npmCi(staging) {
  const { program, prefix } = npm();
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  // `--prefix`, because npm tells its scripts the outer project in the environment and would install there instead.
  const child = spawn(program, [...prefix, "ci", ...options, "--prefix", staging], {
    cwd: staging,
    stdio: ["ignore", "ignore", "inherit"],
    shell: program.endsWith(".cmd"),
  });
  return new Promise((resolve, reject) => {
    /** @type {NodeJS.Signals | undefined} */
    let interruption;
    const interrupt = (/** @type {NodeJS.Signals} */ signal) => {
      interruption = signal;
      child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, interrupt);
    child.once("error", (error) => reject(new LaunchError(`npm could not be started: ${error.message}`)));
    child.once("exit", (code, signal) => {
      for (const name of SIGNALS) process.off(name, interrupt);
      const ended = interruption ?? signal;
      if (ended !== null) reject(new LaunchError(`Install interrupted (${ended}); nothing was changed.`, exitCodeOf(code, ended)));
      else if (code === 0) resolve();
      else reject(new LaunchError("`npm ci` failed; its messages are above. Is the npm registry reachable?", exitCodeOf(code, null)));
    });
  });
}

/** The npm that started us if there is one, else the one that ships with this Node, else whatever the PATH has.
 *  @returns {{program: string, prefix: string[]}} */
function npm() {
  const caller = process.env.npm_execpath;
  const home = path.dirname(process.execPath);
  const candidates = [
    ...(caller === undefined ? [] : [path.join(path.dirname(caller), "npm-cli.js")]),
    path.join(home, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(home, "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = candidates.find((candidate) => fs.existsSync(candidate));
  if (script === undefined) return { program: windows ? "npm.cmd" : "npm", prefix: [] };
  return { program: process.execPath, prefix: [script] };
}

/** @param {string} root
 *  @param {string} staging */
function moveIn(root, staging) {
  const target = path.join(root, "node_modules");
  // The old tree goes into the staging directory, which is deleted as a whole when the claim is released.
  if (fs.existsSync(target)) fs.renameSync(target, path.join(staging, "replaced"));
  fs.renameSync(path.join(staging, "node_modules"), target);
}

/** @param {string} message */
function say(message) {
  process.stderr.write(`${message}\n`);
}
