/** The open round as an aggregator needs it: the same over HTTP, in a folder and inside messages to sites. docs/protocol.md, “Open round”. */
import { z } from "zod";
import type { Address, Hex } from "viem";
import { encodeJson, decodeJson } from "../bundle/canonical-json.ts";
import { structSchema, toJson } from "../bundle/struct-json.ts";
import { MAX_ENTRIES } from "../columns.ts";
import { configHash } from "../eip712/hash.ts";
import type { FederationConfig } from "../eip712/structs.ts";
import { protocolError } from "../errors.ts";
import { type ModelSpec, modelSpecJson, modelSpecSchema, parameterCount, parseModelSpec, specRoot } from "../model-spec.ts";
import { address, bytes32, firstIssue, uint } from "../schema.ts";
import { vectorShape } from "../ssz/vector.ts";

export const OPEN_ROUND_FORMAT = "chongwen-open-round";
/** Bytes: a model specification is what makes it long. */
export const OPEN_ROUND_LIMIT = 16 * 2 ** 20;

/**
 * A seat that can take part now.
 * @param key Whose signature counts. @param weight What the ledger gives it, 1 to 65535. @param rho Nano-ρ that this round charges it; 0 where it is exempt.
 * @param remaining Nano-ρ that it has left; 0 where it is exempt, because nothing is ever charged.
 */
export interface OpenSeat {
  readonly seat: number;
  readonly key: Address;
  readonly weight: number;
  readonly rho: number;
  readonly exempt: boolean;
  readonly remaining: number;
}

/**
 * @param chainId 0 in a rehearsal, which no chain records.
 * @param ledger Address of `Rounds`. @param attempt Of the seal to come. @param seats Ascending; those that can take part now.
 */
export interface OpenRound {
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly round: number;
  readonly attempt: number;
  readonly parent: { readonly round: number; readonly reportHash: Hex; readonly artefact: Hex; readonly modelRoot: Hex };
  readonly config: FederationConfig;
  readonly configHash: Hex;
  readonly modelSpec: ModelSpec;
  readonly seats: readonly OpenSeat[];
}

/** Nano-ρ in decimal: in messages everything that is a budget is a string. */
const nanoRho = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,14})$/, "expected a decimal string")
  .transform(Number)
  .refine((value) => value < 2 ** 48, "does not fit 48 bits");

const schema = z.strictObject({
  format: z.literal(OPEN_ROUND_FORMAT),
  version: z.literal(1),
  chainId: uint(48),
  ledger: address,
  federation: uint(32),
  round: uint(32).min(1),
  attempt: uint(8),
  parent: z.strictObject({ round: uint(32), reportHash: bytes32, artefact: bytes32, modelRoot: bytes32 }),
  config: structSchema("FederationConfig"),
  configHash: bytes32,
  modelSpec: modelSpecSchema as unknown as z.ZodType<ModelSpec>,
  seats: z
    .array(z.strictObject({ seat: uint(32), key: address, weight: uint(16).min(1), rho: nanoRho, exempt: z.boolean(), remaining: nanoRho }))
    .max(MAX_ENTRIES),
});

/** What is wrong with a well-formed open round, or null: everything here follows from what it says itself. */
function openRoundProblem({ round, parent, config, configHash: hash, modelSpec, seats }: OpenRound): string | null {
  if (parent.round >= round) return `round ${round} cannot extend round ${parent.round}`;
  if (configHash(config) !== hash) return `its configuration has the hash ${configHash(config)}, not ${hash}`;
  if (specRoot(modelSpec) !== config.modelSpecRoot) return `its model specification has the root ${specRoot(modelSpec)}, not ${config.modelSpecRoot}`;
  if (vectorShape(parameterCount(modelSpec)).depth !== config.depth) return `vectors of its model specification do not have depth ${config.depth}`;
  for (const [i, { seat, rho, exempt, remaining }] of seats.entries()) {
    if (i > 0 && seat <= seats[i - 1]!.seat) return `seats must strictly ascend: ${seat} after ${seats[i - 1]!.seat}`;
    if (rho !== (exempt ? 0 : config.rhoPerRound)) return `seat ${seat} is charged ${rho} nano-ρ instead of ${exempt ? 0 : config.rhoPerRound}`;
    if (exempt && remaining !== 0) return `seat ${seat} is exempt and has a budget`;
  }
  return null;
}

/** Canonical JSON. @throws json-invalid */
export function encodeOpenRound({ config, modelSpec, seats, ...rest }: OpenRound): Uint8Array {
  const listed = seats.map(({ rho, remaining, ...seat }) => toJson({ ...seat, rho: BigInt(rho), remaining: BigInt(remaining) }));
  return encodeJson({ format: OPEN_ROUND_FORMAT, version: 1, ...toJson(rest), config: toJson(config), modelSpec: modelSpecJson(modelSpec), seats: listed });
}

/** @throws json-invalid, version-unknown, open-round-invalid, spec-invalid */
export function decodeOpenRound(bytes: Uint8Array): OpenRound {
  const json = decodeJson(bytes, "The open round", OPEN_ROUND_LIMIT);
  const head = z.looseObject({ format: z.literal(OPEN_ROUND_FORMAT), version: z.int() }).safeParse(json);
  if (head.success && head.data.version !== 1) {
    throw protocolError("version-unknown", `The open round has version ${head.data.version}; this software knows version 1.`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw protocolError("open-round-invalid", `The open round is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const { format: _, version: __, ...open } = parsed.data;
  parseModelSpec(open.modelSpec);
  const problem = openRoundProblem(open);
  if (problem !== null) throw protocolError("open-round-invalid", `The open round contradicts itself: ${problem}.`);
  return open;
}
