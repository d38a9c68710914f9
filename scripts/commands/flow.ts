import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { BundleReader } from "../../protocol/bundle/reader.ts";
import { buildFlow, encodeFlowIndex, FLOW_INDEX, generateFlow, replay, type BuiltFlow, type FlowIndex } from "../../protocol/flow/index.ts";
import { openWorkspace } from "../federation/workspace.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import type { ArtefactStore } from "../store/index.ts";
import { openLedger, openStore, usage, type LedgerOptions, type StoreOptions } from "./context.ts";

interface OutOptions {
  /** Also write the files into this folder. */
  readonly out?: string | undefined;
}

export interface FlowExportOptions extends LedgerOptions, StoreOptions, OutOptions {}

export interface FlowGenerateOptions extends StoreOptions, OutOptions {
  readonly dir: string;
  readonly json: boolean;
  readonly contributions: number;
  readonly seed: number;
}

/** Endpoints refuse ranges that are too wide; this many blocks are taken by all that are in use. */
const BLOCKS_AT_ONCE = 5000n;
const MAX_CONTRIBUTIONS = 2_000_000;

/** Writes a federation's contributions as columns: what the knowledge flow page reads when a ledger is too large to be read bundle by bundle. */
export async function exportFlow(options: FlowExportOptions, streams: Streams): Promise<number> {
  const { workspace, kernel } = await openLedger(options);
  const { deployment, client } = kernel;
  const store = openStore(workspace, options);
  const block = await client.getBlockNumber();
  const { contributors, datasets, seats, rounds, settlement, governor } = deployment.contracts;
  const contracts = { contributors, datasets, seats, rounds, settlement, governor };
  const logs = [];
  for (let from = deployment.fromBlock; from <= block; from += BLOCKS_AT_ONCE) {
    const to = from + BLOCKS_AT_ONCE - 1n;
    logs.push(...(await client.getLogs({ address: Object.values(contracts), fromBlock: from, toBlock: to < block ? to : block })));
  }
  const state = replay(logs, contracts, options.federation);
  const flow = await buildFlow({ chainId: deployment.chainId, ledger: rounds, federation: options.federation, block, state, open: (digest) => readerOf(store, digest) });
  return publish(store, flow, flow.missing, options, streams);
}

/** Writes contributions that never were, to see and to measure the page with. */
export async function generateSynthetic(options: FlowGenerateOptions, streams: Streams): Promise<number> {
  if (options.contributions < 1 || options.contributions > MAX_CONTRIBUTIONS) throw usage("That many contributions cannot be generated.", `Ask for 1 to ${MAX_CONTRIBUTIONS}.`);
  const store = openStore(openWorkspace(options.dir), options);
  return publish(store, await generateFlow(options), { rounds: [], settlements: [] }, options, streams);
}

/** Opens the artefact when its first file is asked for. */
function readerOf(store: ArtefactStore, digest: `0x${string}`): BundleReader {
  const reader = store.open(digest);
  reader.catch(() => undefined);
  return { read: async (file) => (await reader).read(file), list: async () => (await reader).list() };
}

interface Files {
  readonly index: FlowIndex;
  readonly files: readonly Uint8Array[];
}

/** Exit code: 5 when some bundle could not be read, so that the export lacks what it holds. */
async function publish(store: ArtefactStore, { index, files }: Files, missing: BuiltFlow["missing"], options: OutOptions & { readonly json: boolean }, { out, err }: Streams): Promise<number> {
  const directory = new Map([[FLOW_INDEX, encodeFlowIndex(index)], ...files.map((bytes, i) => [index.epochs[i]?.file ?? "", bytes] as const)]);
  const digest = await store.putDirectory(directory);
  if (options.out !== undefined) {
    await mkdir(options.out, { recursive: true });
    for (const [name, bytes] of directory) await writeFile(path.join(options.out, name), bytes);
  }
  const contributions = index.epochs.reduce((sum, { rows }) => sum + rows, 0);
  const bytes = [...directory.values()].reduce((sum, { length }) => sum + length, 0);
  const query = `?flow=${digest}#/flow`;
  const lacking = missing.rounds.length + missing.settlements.length;
  if (lacking > 0) err.write(`! Not in the export, because their bundles could not be read or are not what the chain says: rounds ${missing.rounds.join(", ") || "–"}; settlements ${missing.settlements.join(", ") || "–"}\n`);
  if (options.json) out.write(envelope(lacking === 0, { digest, contributions, bytes, epochs: index.epochs.length, synthetic: index.synthetic, query, missing }));
  else out.write(`${index.synthetic === null ? "" : "SYNTHETIC "}${contributions} contributions in ${index.epochs.length} epochs, ${bytes} bytes\nartefact  ${digest}\nopen      ${query} (after the page's address)\n`);
  return lacking === 0 ? EXIT.ok : EXIT.unverified;
}
