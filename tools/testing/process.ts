// Runs one program to its end with its output kept, so that programs running side by side stay readable.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";

export interface Outcome {
  /** Undefined when a signal or the time limit ended it. */
  readonly exitCode: number | undefined;
  /** Both streams, in the order they were written. */
  readonly output: string;
  readonly seconds: number;
  /** Of the processor, for it and all that it waited for; undefined where the system does not tell. */
  readonly processorSeconds: number | undefined;
}

export interface RunOptions {
  readonly cwd: string;
  readonly color: boolean;
  readonly limitSeconds: number;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();
let counted = 0;

/** Runs a script on the Node that runs us. */
export async function runNode(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const started = performance.now();
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that whatever it started can be ended with it.
    detached: process.platform !== "win32",
    env: { ...process.env, ...(options.color ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }), ...options.env },
  });
  running.add(child);

  let output = "";
  const keep = (chunk: string): void => {
    output += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);

  const limit = setTimeout(() => {
    keep(`\nStopped: still running after ${options.limitSeconds} s.\n`);
    end(child, "SIGKILL");
  }, options.limitSeconds * 1_000);

  let processorSeconds: number | undefined;
  const exitCode = await new Promise<number | undefined>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? undefined));
    // A program that it left behind in a group of its own would keep the pipes open for ever.
    child.once("exit", (code) => {
      processorSeconds = sinceLastChild();
      setTimeout(() => resolve(code ?? undefined), 10_000).unref();
    });
  });
  clearTimeout(limit);
  end(child, "SIGKILL"); // Anything it left behind.
  running.delete(child);
  return { exitCode, output, seconds: (performance.now() - started) / 1_000, processorSeconds };
}

/** What Linux has counted for the children that have ended: read at each one's end, the difference is that child's. */
function sinceLastChild(): number | undefined {
  if (process.platform !== "linux") return undefined;
  // The fields after the name, which may hold anything: cutime and cstime are the 14th and 15th of them, in hundredths.
  const fields = fs.readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
  const all = (Number(fields[13]) + Number(fields[14])) / 100;
  const since = all - counted;
  counted = all;
  return since;
}

/** When we are told to stop, nothing we started goes on running. */
export function endChildrenWithUs(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      for (const child of running) end(child, "SIGKILL");
      process.exit(1);
    });
  }
}

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The whole group has ended already.
  }
}
