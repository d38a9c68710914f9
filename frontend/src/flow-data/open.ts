/** Opens a flow inside the worker: an export from the artefact store, or the ledger itself. Nothing is used before its hash was compared. */
import type { Hex } from "viem";
import type { BundleReader } from "../../../protocol/bundle/reader.ts";
import { protocolError } from "../../../protocol/errors.ts";
import {
  buildFlow,
  createTable,
  fileHash,
  FLOW_INDEX,
  MAX_INDEX_BYTES,
  readFlowIndex,
  replay,
  totalsOf,
  UNASKED,
  type ChainTotals,
  type FlowTable,
} from "../../../protocol/flow/index.ts";
import { readWithin } from "../chain/read-within.ts";
import type { LedgerSource, Opened, OpenRequest } from "./messages.ts";

export interface Flow {
  readonly table: FlowTable;
  readonly chain: ChainTotals;
  readonly source: Opened["source"];
  readonly missing: Opened["missing"];
  readonly open: (artefact: Hex) => BundleReader;
}

const NOTHING = { rounds: [], settlements: [] } as const;

/** Files by their address: content that is named by its hash never changes. */
const files = new Map<string, Promise<Uint8Array>>();

export async function openFlow({ base, digest, ledger }: OpenRequest): Promise<Flow> {
  const open = (artefact: Hex): BundleReader => ({ read: (path, limit) => fetchFile(base, artefact, path, limit), list: () => Promise.resolve([]) });
  if (digest === null) return openLedger(ledger, open);
  const index = readFlowIndex(await fetchFile(base, digest, FLOW_INDEX, MAX_INDEX_BYTES));
  const bytes = await Promise.all(
    index.epochs.map(async ({ file, bytes, hash }) => {
      const found = await fetchFile(base, digest, file, bytes);
      if ((await fileHash(found)) !== hash) throw protocolError("flow-invalid", `${file} does not have the hash that the index gives it.`);
      return found;
    }),
  );
  const table = createTable(index, bytes);
  // Only the same federation of the same ledger can vouch for an export, and nothing can for a synthetic one.
  const same = ledger !== null && index.synthetic === null && index.chainId === ledger.chainId && index.federation === ledger.federation && index.ledger.toLowerCase() === ledger.contracts.rounds.toLowerCase();
  return { table, chain: same ? totalsOf(replay(ledger.logs, ledger.contracts, ledger.federation)) : UNASKED, source: "export", missing: NOTHING, open };
}

async function openLedger(ledger: LedgerSource | null, open: Flow["open"]): Promise<Flow> {
  if (ledger === null) throw protocolError("flow-invalid", "There is no ledger to read.");
  const state = replay(ledger.logs, ledger.contracts, ledger.federation);
  const flow = await buildFlow({ chainId: ledger.chainId, ledger: ledger.contracts.rounds, federation: ledger.federation, block: ledger.block, state, open });
  return { table: createTable(flow.index, flow.files), chain: flow.chain, source: "ledger", missing: flow.missing, open };
}

function fetchFile(base: string, digest: Hex, path: string, limit: number): Promise<Uint8Array> {
  const url = new URL(`artefacts/${digest}/${path}`, base).href;
  const known = files.get(url);
  if (known !== undefined) return known;
  const asked = download(url, limit);
  files.set(url, asked);
  // What failed may be there the next time.
  asked.catch(() => files.delete(url));
  return asked;
}

/** Stops at the limit: a server cannot fill the reader's memory. */
async function download(url: string, limit: number): Promise<Uint8Array> {
  const response = await fetch(url, { cache: "force-cache" });
  if (!response.ok || response.body === null) throw protocolError("bundle-unreadable", `HTTP ${response.status}`);
  const bytes = await readWithin(response.body, limit);
  if (bytes === undefined) throw protocolError("flow-invalid", `A file is longer than ${limit} bytes.`);
  return bytes;
}
