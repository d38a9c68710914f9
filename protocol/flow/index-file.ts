/** The index of a flow export: who and what the numbers in the epoch files mean, what the ledger said, and the hash of every file. Not trusted: reconciled. */
import { z } from "zod";
import { createSHA256 } from "hash-wasm";
import type { Hex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { address, bigUint, bytes32, firstIssue, uint } from "../schema.ts";

export const FLOW_FORMAT = "chongwen-flow";
export const FLOW_INDEX = "index.json";
/** Of an index, and of the files that it lists together. */
export const MAX_INDEX_BYTES = 2 ** 24;
export const MAX_LEDGER_ROWS = 2 ** 21;

const name = z.string().min(1).max(80).nullable();

/** A dataset's edge carries the seal of the vote on it. `open`: its seats may contribute now. */
const dataset = z.strictObject({ id: uint(32), name, gate: z.enum(["open", "shut", "unknown"]), proposal: z.string().regex(/^\d{1,78}$/).nullable() });

const settlement = z.strictObject({
  index: uint(32),
  state: z.enum(["proposed", "final"]),
  pool: bigUint(128),
  distributed: bigUint(128),
  entitlementsHash: bytes32.nullable(),
  transaction: bytes32.nullable(),
});

/** What a round's slip leads to. @param weight The weights that count, as the ledger's report and weights column have them. */
const round = z.strictObject({ round: uint(32), reportHash: bytes32, artefact: bytes32, transaction: bytes32.nullable(), weight: uint(48).nullable() });

const epoch = z.strictObject({
  epoch: uint(32),
  file: z.string().regex(/^epoch-[0-9]{1,10}\.bin$/),
  bytes: z.int().min(64).max(2 ** 25),
  hash: bytes32,
  rows: z.int().min(0).max(2 ** 20),
  firstRound: uint(32),
  lastRound: uint(32),
  modelRoot: bytes32.nullable(),
  settlement: settlement.nullable(),
  rounds: z.array(round).max(2 ** 16),
});

/** @param dataset Position; null for a support seat, which has none. */
const seat = z.strictObject({ contributor: uint(32), institution: z.int().min(0).max(2 ** 16), dataset: z.int().min(0).max(2 ** 16 - 2).nullable(), payee: address.nullable() });

const schema = z.strictObject({
  format: z.literal(FLOW_FORMAT),
  version: z.literal(1),
  /** Never real: numbers from this seed. Null: from a ledger. */
  synthetic: z.strictObject({ seed: uint(32), contributions: uint(32) }).nullable(),
  chainId: z.int().min(1),
  ledger: address,
  federation: uint(32),
  block: bigUint(64),
  datasets: z.array(dataset).max(2 ** 16),
  institutions: z.array(z.strictObject({ id: uint(32), name })).max(2 ** 16),
  seats: z.array(seat).max(2 ** 16),
  epochs: z.array(epoch).max(4096),
});

export type FlowIndex = z.infer<typeof schema>;
export type FlowEpoch = FlowIndex["epochs"][number];
export type FlowDataset = FlowIndex["datasets"][number];
export type FlowSeat = FlowIndex["seats"][number];

/** @throws flow-invalid, version-unknown */
export function readFlowIndex(bytes: Uint8Array): FlowIndex {
  if (bytes.length > MAX_INDEX_BYTES) throw protocolError("flow-invalid", `A flow index has ${bytes.length} bytes, more than ${MAX_INDEX_BYTES}.`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw protocolError("flow-invalid", "A flow index is not JSON.", cause);
  }
  const version = typeof json === "object" && json !== null && "version" in json ? json.version : 1;
  if (version !== 1) throw protocolError("version-unknown", `A flow index has version ${String(version)}; this software knows 1.`);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw protocolError("flow-invalid", `A flow index is not what it should be: ${firstIssue(parsed.error)}.`);
  checkIndex(parsed.data);
  return parsed.data;
}

/** What no field shows alone. @throws flow-invalid */
export function checkIndex(index: FlowIndex): void {
  const fail = (what: string): never => {
    throw protocolError("flow-invalid", `A flow index ${what}.`);
  };
  index.seats.forEach(({ institution, dataset }, i) => {
    if (institution >= index.institutions.length || (dataset !== null && dataset >= index.datasets.length)) fail(`gives seat ${i} an institution or a dataset that it does not list`);
  });
  let [lastEpoch, lastRound, rows] = [-1, 0, 0];
  for (const { epoch, firstRound, lastRound: last, rows: more } of index.epochs) {
    if (epoch <= lastEpoch || firstRound <= lastRound || last < firstRound - 1) fail(`has epochs or rounds out of order at epoch ${epoch}`);
    [lastEpoch, lastRound, rows] = [epoch, Math.max(last, lastRound), rows + more];
  }
  if (rows > MAX_LEDGER_ROWS) fail(`lists ${rows} contributions; one table holds ${MAX_LEDGER_ROWS}`);
}

/** Bytes of an index; amounts as decimal strings, addresses in lower case. */
export function encodeFlowIndex(index: FlowIndex): Uint8Array {
  checkIndex(index);
  const text = JSON.stringify(index, (key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : (key === "ledger" || key === "payee") && typeof value === "string" ? value.toLowerCase() : value,
  );
  return new TextEncoder().encode(`${text}\n`);
}

/** SHA-256, by which an index names its files. */
export async function fileHash(bytes: Uint8Array): Promise<Hex> {
  const hasher = await createSHA256();
  return `0x${hasher.init().update(bytes).digest("hex")}`;
}
