import { mkdir, open, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Deployment } from "../../../protocol/deployment.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { bytes32 } from "../../../protocol/schema.ts";
import type { Digest } from "../cid.ts";
import { writeJson } from "../write-json.ts";

const LEDGERS = ".ledgers";

/** A ledger, as the name of a file. */
export const ledgerName = ({ chainId, contracts }: Deployment): string => `${chainId}-${contracts.rounds.toLowerCase()}`;

/**
 * Notes in a store on disk whose ledger's artefacts it holds. Whoever sweeps knows what its own ledger needs, and nothing of another's.
 * @throws store-shared when another ledger uses the store as well
 */
export async function claimStore(dir: string, deployment: Deployment, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<void> {
  const others = await otherLedgers(dir, deployment);
  if (others.length > 0) {
    throw new ChongwenError({
      code: "store-shared",
      message: `The store ${dir} also holds artefacts of ${others.slice(0, 3).join(", ")}: what those need is not known here.`,
      fix: `Give each ledger a store of its own. If that one is gone for ever, remove its file in ${path.join(dir, LEDGERS)}.`,
    });
  }
  if (!dryRun) await noteLedger(dir, deployment);
}

/** Says that a ledger uses this store; done by every service that writes to it. */
export async function noteLedger(dir: string, deployment: Deployment): Promise<void> {
  await mkdir(path.join(dir, LEDGERS), { recursive: true });
  await writeFile(path.join(dir, LEDGERS, ledgerName(deployment)), "", { flag: "a", flush: true });
}

async function otherLedgers(dir: string, deployment: Deployment): Promise<string[]> {
  const names = await readdir(path.join(dir, LEDGERS)).catch(() => []);
  return names.filter((name) => name !== ledgerName(deployment));
}

const memorySchema = z.strictObject({ version: z.literal(1), named: z.array(bytes32) });

/** What the ledger named when last asked, so that an endpoint that has forgotten is noticed before anything is swept because of it. */
export interface Memory {
  /** @throws ledger-forgot */
  check(named: ReadonlySet<Digest>): Promise<void>;
  remember(named: ReadonlySet<Digest>): Promise<void>;
}

export function openMemory(dir: string, deployment: Deployment): Memory {
  const file = path.join(dir, `named-${ledgerName(deployment)}.json`);
  return {
    async check(named) {
      const text = await readFile(file, "utf8").catch(() => null);
      const before = text === null ? null : memorySchema.safeParse(parsed(text));
      const forgotten = before?.data?.named.filter((digest) => !named.has(digest)) ?? [];
      if (before?.success !== false && forgotten.length === 0) return;
      throw new ChongwenError({
        code: "ledger-forgot",
        message: before?.success === false ? `${file} cannot be read.` : `The endpoint does not know ${forgotten.length} artefacts that the ledger named before, ${forgotten[0]} among them. Nothing is swept on its word.`,
        fix: "Ask an endpoint with full history that follows the right chain. If the ledger was really rolled back, say --accept-forgotten.",
        retryable: true,
      });
    },
    remember: (named) => writeJson(file, { version: 1, named: [...named].sort() }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What was removed, when and why: a line of JSON each, added and never changed. A line is on disk before what it says is done. */
export function openLog(dir: string): (entry: Readonly<Record<string, unknown>>) => Promise<void> {
  return async (entry) => {
    await mkdir(dir, { recursive: true });
    const handle = await open(path.join(dir, "log.jsonl"), "a");
    try {
      await handle.writeFile(`${JSON.stringify(entry)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
}
