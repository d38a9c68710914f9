// Install if needed, run the command, hand on its signals and its exit code.
import { spawn } from "node:child_process";
import path from "node:path";

import { LaunchError } from "./error.mjs";
import { ensureInstalled } from "./install.mjs";
import { exitCodeOf, root } from "./platform.mjs";
import { pickNode, resolveCommand } from "./runtime.mjs";

/** @param {string | undefined} command see `resolveCommand`; without one, only the dependencies are installed
 *  @param {string[]} args
 *  @param {string[]} parts folders with a package.json and a lock of their own, which only this command needs
 *  @returns {Promise<number>} the exit code to end with */
export async function launch(command, args, parts = []) {
  try {
    await ensureInstalled(root);
    for (const part of parts) await ensureInstalled(path.join(root, part));
    return command === undefined ? 0 : await run(pickNode(root), resolveCommand(root, command), args);
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

/** @param {string} node
 *  @param {string} file
 *  @param {string[]} args
 *  @returns {Promise<number>} */
function run(node, file, args) {
  // The working directory stays the caller's, so that relative paths given on the command line mean what they say.
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", file, ...args], {
    stdio: "inherit",
    env: environment(node),
  });
  forwardSignals(child);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new LaunchError(`${node} could not be started: ${error.message}`)));
    child.once("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

/** The bundled Node comes first on the PATH, so that programs started by the command run on it too.
 *  @param {string} node */
function environment(node) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH"; // "Path" on Windows
  const searched = [path.dirname(node), path.join(root, "node_modules", ".bin"), process.env[name] ?? ""];
  return {
    HARDHAT_DISABLE_TELEMETRY: "true",
    PONDER_TELEMETRY_DISABLED: "true",
    DO_NOT_TRACK: "1",
    // What Node has compiled once: reading viem and zod again costs each process half its start. It goes with the packages.
    NODE_COMPILE_CACHE: path.join(root, "node_modules", ".cache", "node"),
    ...process.env,
    [name]: searched.join(path.delimiter),
  };
}

/** @param {import("node:child_process").ChildProcess} child */
function forwardSignals(child) {
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group, the child included; a second one would look like impatience.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
}
