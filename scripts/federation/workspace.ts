import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ChongwenError } from "../../protocol/errors.ts";
import { deploymentSchema, type Deployment } from "../../protocol/deployment.ts";
import { parseFacts, writeFacts, type LedgerFacts } from "../../protocol/ledger/facts.ts";

/** The folder of one local ledger: where it is, what it stored, and what its chain said when it was last asked. */
export interface Workspace {
  readonly dir: string;
  readonly storeDir: string;
  /** Key slips of escrowed payloads (docs/privacy.md). */
  readonly keysDir: string;
  /** Statements of what was erased from the store (docs/verify.md). */
  readonly erasedDir: string;
  /** Pins, and what was swept from the store (docs/runbooks/storage.md). */
  readonly retentionDir: string;
  saveDeployment(deployment: Deployment): Promise<void>;
  /** @throws deployment-missing */
  loadDeployment(): Promise<Deployment>;
  saveFacts(facts: LedgerFacts): Promise<void>;
  /** Null when none were recorded. */
  loadFacts(): Promise<LedgerFacts | null>;
}

export const DEFAULT_WORKSPACE = path.join(".chongwen", "local");

export function openWorkspace(dir: string): Workspace {
  const deploymentFile = path.join(dir, "deployment.json");
  const factsFile = path.join(dir, "ledger.json");
  return {
    dir,
    storeDir: path.join(dir, "store"),
    keysDir: path.join(dir, "keys"),
    erasedDir: path.join(dir, "erased"),
    retentionDir: path.join(dir, "retention"),
    saveDeployment: (deployment) =>
      writeFile(deploymentFile, `${JSON.stringify(deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value), 2)}\n`),
    async loadDeployment() {
      const text = await readFile(deploymentFile, "utf8").catch((cause: unknown) => {
        throw new ChongwenError({
          code: "deployment-missing",
          message: `There is no ledger in ${dir}.`,
          fix: "Start one with `npm start`, or name the folder of one with --dir.",
          cause,
        });
      });
      return parsed(deploymentFile, () => deploymentSchema.parse(JSON.parse(text)));
    },
    saveFacts: (facts) => writeFile(factsFile, writeFacts(facts)),
    async loadFacts() {
      const text = await readFile(factsFile, "utf8").catch(() => null);
      return text === null ? null : parsed(factsFile, () => parseFacts(text));
    },
  };
}

function parsed<Value>(file: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    throw new ChongwenError({
      code: "workspace-damaged",
      message: `${file} is not what this software wrote: ${cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : ""}`,
      fix: "Start the ledger anew with `npm start`, or name another folder with --dir.",
      cause,
    });
  }
}

/**
 * Empties a workspace for a new ledger and marks it as taken by this process.
 * @returns Releases it.
 * @throws workspace-taken when another process still runs a ledger in it
 */
export async function claimWorkspace(dir: string): Promise<() => Promise<void>> {
  const lock = path.join(dir, "running.pid");
  const holder = Number(await readFile(lock, "utf8").catch(() => "0"));
  if (holder !== 0 && holder !== process.pid && isAlive(holder)) {
    throw new ChongwenError({
      code: "workspace-taken",
      message: `Process ${holder} runs a ledger in ${dir}.`,
      fix: "Stop it, or give this one a folder of its own with --dir.",
      retryable: true,
    });
  }
  for (const name of ["store", "keys", "erased", "retention", "services", "oracle", "deployment.json", "ledger.json"]) await rm(path.join(dir, name), { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await writeFile(lock, String(process.pid));
  return () => rm(lock, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
