import { access, constants, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { commitUpdate } from "../../protocol/index.ts";
import { openWorkspace } from "../federation/workspace.ts";
import { examineOracle } from "../oracle/service/doctor.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { check, type Finding } from "../output/finding.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { openLedger, type LedgerOptions } from "./context.ts";

export interface DoctorOptions extends LedgerOptions {
  /** Of an oracle: then that is looked at, and not the workspace. */
  readonly config?: string | undefined;
}

/** Looks at what the other commands need and says what is missing. Changes nothing. */
export async function doctor(root: string, options: DoctorOptions, { out }: Streams): Promise<number> {
  const findings: Finding[] = [
    await check("Node", async () => requireNode(process.versions.node)),
    await check("native SHA-256", async () => `two implementations agree: ${compareHashers()}`),
    ...(options.config === undefined ? await examineWorkspace(root, options) : await examineOracle(options.config)),
  ];
  const ok = findings.every((finding) => finding.ok);
  if (options.json) out.write(envelope(ok, { findings }));
  else for (const { what, ok: fine, detail } of findings) out.write(`${fine ? "✓" : "✗"} ${what.padEnd(20)} ${detail}\n`);
  return ok ? EXIT.ok : EXIT.error;
}

async function examineWorkspace(root: string, options: LedgerOptions): Promise<Finding[]> {
  return [
    await check("compiled contracts", async () => {
      await access(path.join(root, "artifacts", "contracts", "rounds", "Rounds.sol", "Rounds.json")).catch(() => {
        throw new Error("not compiled yet: `npm start` does it");
      });
      return "present";
    }),
    await check("dapp", async () => `built from sources ${(await readFile(path.join(root, "frontend", "dist", ".sources"), "utf8").catch(() => { throw new Error("not built yet: `npm start` does it"); })).slice(0, 8)}`),
    await check("workspace", async () => {
      await access(options.dir, constants.R_OK | constants.W_OK).catch(() => {
        throw new Error(`${options.dir} is not there or not writable: \`npm start\` makes it`);
      });
      return options.dir;
    }),
    await check("ledger", async () => {
      const { kernel } = await openLedger(options);
      const [block, count] = await Promise.all([kernel.client.getBlockNumber(), kernel.rounds.read.federationCount()]);
      return `chain ${kernel.deployment.chainId} at ${kernel.rpcUrl}, block ${block}, ${count} federation${count === 1 ? "" : "s"}`;
    }),
    await check("indexer", async () => describeIndexer(options)),
  ];
}

const indexerSchema = z.union([z.object({ block: z.number(), lag: z.number() }), z.object({ code: z.string(), message: z.string() })]);

/** None is no fault. One that is named but away is no fault of the ledger either: the page reads the chain. Said all the same. */
async function describeIndexer(options: LedgerOptions): Promise<string> {
  const deployment = await openWorkspace(options.dir).loadDeployment().catch(() => undefined);
  const url = deployment?.services?.indexer;
  if (url === undefined) return "none; the page reads the chain";
  try {
    const answer = indexerSchema.parse(await (await fetch(`${url}/status`, { signal: AbortSignal.timeout(3_000) })).json());
    return "code" in answer ? `${url}: ${answer.message} The page reads the chain meanwhile.` : `${url}: block ${answer.block}, ${answer.lag} behind the chain`;
  } catch {
    return `${url} does not answer; the page reads the chain`;
  }
}

function requireNode(version: string): string {
  const [major = 0] = version.split(".").map(Number);
  if (major < 22) throw new Error(`${version}: start through \`npx chongwen\`, which brings its own Node`);
  return version;
}

function compareHashers(): string {
  const update = Int16Array.from({ length: 1000 }, (_, i) => i);
  const [native, wasm] = [commitUpdate(update, nativeHashPairs).updateRoot, commitUpdate(update).updateRoot];
  if (native !== wasm) throw new Error(`native code gives ${native}, WebAssembly ${wasm}: reinstall the dependencies`);
  return native.slice(0, 10);
}
