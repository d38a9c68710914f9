import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

export interface IndexerParameters {
  readonly root: string;
  /** Workspace of the ledger. */
  readonly dir: string;
  readonly port: number;
  /** Told what it says. */
  readonly note: (message: string) => void;
}

export interface IndexerProcess {
  readonly url: string;
  close(): Promise<void>;
}

const PATIENCE_MS = 15_000;

/**
 * Starts `npm run indexer` beside the ledger, which installs it on first use. A process of its own: it may be slow, fail or be away, and nothing else minds.
 */
export function startIndexer({ root, dir, port, note }: IndexerParameters): IndexerProcess {
  const args = [path.join(root, "tools", "indexer.mjs"), "--dir", path.resolve(dir), "--port", String(port)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  createInterface({ input: child.stderr }).on("line", (line) => note(line.startsWith("indexer: ") ? line : `indexer: ${line}`));
  child.once("error", (error) => note(`indexer: it could not be started: ${error.message}`));
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      await ended;
      clearTimeout(killer);
    },
  };
}
