// The processes of a run: each with a log file, and none outlives us.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { ChongwenError } from "../../../protocol/errors.ts";
import { endTree } from "./end-tree.ts";
import { lastLines } from "./log.ts";

export interface ChildParameters {
  /** What readers and the log file call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its environment: nothing is inherited unasked. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Both its streams. */
  readonly log: string;
  readonly ended: Promise<Ended>;
  /** Ends it and all that it started with SIGKILL, as a machine that loses its power does. */
  end(): Promise<void>;
}

export interface Children {
  start(parameters: ChildParameters): Child;
  /** Those that run now. */
  running(): readonly Pick<Child, "name" | "pid">[];
  /** Rejects when a process ends that nobody ended and nobody waits for. Never resolves. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** @param folder Where logs go. */
export async function createChildren(folder: string): Promise<Children> {
  await mkdir(folder, { recursive: true });
  const guardian = startGuardian();
  const running = new Map<number, { readonly child: Child; expected: boolean }>();
  let fail: (error: ChongwenError) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const endAll = (): void => {
    for (const pid of running.keys()) endTree(pid);
  };
  process.once("exit", endAll);

  return {
    failed,
    running: () => [...running.values()].map(({ child: { name, pid } }) => ({ name, pid })),
    start({ name, command, args, cwd, env }) {
      const log = path.join(folder, `${name}.log`);
      const file = openSync(log, "a");
      const started = spawn(command, args, { cwd, env: { ...env }, stdio: ["ignore", file, file], detached: process.platform !== "win32" });
      closeSync(file);
      const { pid } = started;
      if (pid === undefined) throw endedUnasked(name, log, "could not be started");
      guardian.watch(pid);
      const ended = new Promise<Ended>((resolve) => {
        started.once("error", () => resolve({ exitCode: null, signal: null }));
        started.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
      });
      const child: Child = {
        name, pid, log, ended,
        async end() {
          const entry = running.get(pid);
          if (entry !== undefined) entry.expected = true;
          endTree(pid);
          await ended;
        },
      };
      running.set(pid, { child, expected: false });
      void ended.then(({ exitCode, signal }) => {
        const entry = running.get(pid);
        running.delete(pid);
        guardian.release(pid);
        if (entry?.expected === false && exitCode !== 0) fail(endedUnasked(name, log, signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`));
      });
      return child;
    },
    async close() {
      await Promise.all([...running.values()].map(({ child }) => child.end()));
      process.off("exit", endAll);
      guardian.close();
    },
  };
}

function endedUnasked(name: string, log: string, how: string): ChongwenError {
  return new ChongwenError({ code: "flower-process-ended", message: `${name} ${how}. Its last lines:\n${lastLines(log)}`, fix: `Read ${log}.`, retryable: true });
}

function startGuardian(): { watch(pid: number): void; release(pid: number): void; close(): void } {
  const guardian: ChildProcess = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path.join(import.meta.dirname, "guardian.ts")], {
    stdio: ["pipe", "ignore", "ignore"],
    // Of another group than ours, so that what ends ours does not end it.
    detached: true,
    env: { PATH: process.env["PATH"] ?? "" },
  });
  guardian.unref();
  const say = (text: string): void => void guardian.stdin?.write(`${text}\n`);
  guardian.stdin?.on("error", () => undefined);
  return { watch: (pid) => say(`+${pid}`), release: (pid) => say(`-${pid}`), close: () => void guardian.stdin?.end() };
}
