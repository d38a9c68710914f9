/** The settlement bundle: scores, amounts and the member table of one settlement. docs/protocol.md, “Settlement bundle”. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import type { SettlementStatement } from "../eip712/structs.ts";
import { address, bigUint, bytes32, uint } from "../schema.ts";
import { HOLDOUT_FILES } from "../scoring/holdout-files.ts";
import { QUALITY_FILES } from "../scoring/working.ts";
import { type FileEntry, fileListSchema } from "./files.ts";
import { readManifest } from "./manifest.ts";
import type { BundleReader } from "./reader.ts";
import type { Unplaced } from "./round-manifest.ts";
import { structSchema } from "./struct-json.ts";

export const SETTLEMENT_FORMAT = "chongwen-settlement";

/** Columns by seat index: uint64 scores, the last nobody's; uint96 amounts, 20-byte payees (zero declines), 36-byte members. */
export const SETTLEMENT_FILES = {
  scores: "scores.bin",
  entitlements: "entitlements.bin",
  payees: "payees.bin",
  members: "members.bin",
} as const;

/** @param state As the ledger has it when the settlement is proposed. @param reportHash,artefact Of the final report; zero for a void round. */
export interface SettledRound {
  readonly round: number;
  readonly state: "Final" | "Void";
  readonly reportHash: Hex;
  readonly artefact: Hex;
}

/**
 * @param settlement Address of `Settlement`, whose domain the statement is signed in.
 * @param previous Artefact of the settlement before, null for the first.
 * @param pool What could be distributed. @param carry What was not.
 */
export interface SettlementManifest {
  readonly format: typeof SETTLEMENT_FORMAT;
  readonly version: 1;
  readonly chainId: number;
  readonly settlement: Address;
  readonly vault: Address;
  readonly federation: number;
  readonly scoringId: number;
  readonly seatCount: number;
  readonly previous: { readonly index: number; readonly artefact: Hex } | null;
  readonly pool: bigint;
  readonly carry: bigint;
  readonly rounds: readonly SettledRound[];
  readonly statement: Unplaced<SettlementStatement>;
  readonly files: readonly FileEntry[];
}

const FILES = new Set<string>([...Object.values(SETTLEMENT_FILES), ...Object.values(QUALITY_FILES), ...Object.values(HOLDOUT_FILES)]);

const schema = z.strictObject({
  format: z.literal(SETTLEMENT_FORMAT),
  version: z.literal(1),
  chainId: z.int().min(1),
  settlement: address,
  vault: address,
  federation: uint(32),
  scoringId: uint(16),
  seatCount: z.int().min(0).max(2 ** 24),
  previous: z.strictObject({ index: uint(32), artefact: bytes32 }).nullable(),
  pool: bigUint(128),
  carry: bigUint(128),
  rounds: z.array(z.strictObject({ round: uint(32), state: z.enum(["Final", "Void"]), reportHash: bytes32, artefact: bytes32 })).min(1).max(256),
  statement: structSchema("SettlementStatement", "artefact"),
  files: fileListSchema((path) => FILES.has(path)),
});

/** @throws bundle-unreadable, json-invalid, manifest-invalid, version-unknown, bundle-path */
export function readSettlementManifest(reader: BundleReader): Promise<SettlementManifest> {
  return readManifest<SettlementManifest>(reader, SETTLEMENT_FORMAT, schema);
}
