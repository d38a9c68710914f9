import { spawn } from "node:child_process";
import { ChongwenError } from "../../../protocol/errors.ts";

export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly output: string;
}

export type Run = (command: string, args: readonly string[]) => Promise<CommandOutcome>;

/** Runs a command with its output kept. A command that cannot be started is one that failed. */
export const runCommand: Run = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1", NO_COLOR: "1" } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => void (output += text));
    child.once("error", ({ message }) => resolve({ exitCode: null, output: message }));
    child.once("close", (exitCode) => resolve({ exitCode, output }));
  });

/** What pip and uv say when they reach no index, or one that knows no package at all. */
const UNREACHABLE =
  /Could not fetch URL|NewConnectionError|NameResolutionError|Temporary failure in name resolution|ProxyError|ConnectTimeout|ReadTimeout|from versions: none|error sending request|dns error|tcp connect error|operation timed out|Connection refused|Failed to fetch/i;
/** What they say of a package whose bytes are not those that were locked. */
const ALTERED = /DO NOT MATCH THE HASHES|Hash mismatch/i;

/** How often the last lines of a tool say what is wrong. */
const TAIL = 12;

/** Why an installation failed, from what the tools said. */
export function installFailure(outputs: readonly string[]): ChongwenError {
  const lines = (outputs.at(-1) ?? "").trimEnd().split("\n").slice(-TAIL).join("\n  ");
  const said = outputs.join("\n");
  if (ALTERED.test(said)) {
    return new ChongwenError({
      code: "python-package-altered",
      message: `A package is not the one that was locked:\n  ${lines}`,
      fix: "Do not install it. Ask whoever runs your package registry or mirror; the locked hashes are in integrations/flower/requirements.lock.",
    });
  }
  if (UNREACHABLE.test(said)) {
    return new ChongwenError({
      code: "python-registry-unreachable",
      message: `The Python package registry cannot be reached:\n  ${lines}`,
      fix: "Check the network, or set PIP_INDEX_URL to a registry that this machine can reach.",
      retryable: true,
    });
  }
  return new ChongwenError({
    code: "python-install-failed",
    message: `Installing the Python packages failed:\n  ${lines}`,
    fix: "Read the lines above; another Python can be named with CHONGWEN_PYTHON.",
    retryable: true,
  });
}
