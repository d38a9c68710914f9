import type { Address, Hash } from "viem";
import { isAddress, isHash } from "viem/utils";
import { z } from "zod";
import { deploymentSchema } from "../deployment.ts";
import { freezesSchema } from "./freezes.ts";

/**
 * What the chain says about one federation: all that an audit takes from it. Read from a live chain (`read-facts.ts`) or from a file recorded earlier,
 * so that artefacts can be checked where the chain is gone.
 */
const hash = z.custom<Hash>((value) => typeof value === "string" && isHash(value), "expected 32 bytes");
const address = z.custom<Address>((value) => typeof value === "string" && isAddress(value), "expected an address");
const uint = z.int().nonnegative();
/** Decimal strings in JSON. */
const big = z.union([z.bigint(), z.string().regex(/^\d+$/)]).transform(BigInt);

const reportSchema = z.strictObject({
  reportHash: hash,
  modelRoot: hash,
  metricsHash: hash,
  excluded: big,
  artefact: hash,
  /** Chain time before which it can be disproven. */
  deadline: uint,
});

const roundSchema = z.strictObject({
  round: uint,
  state: z.enum(["Open", "Sealed", "Reported", "Final", "Void"]),
  attempt: uint,
  parentRound: uint,
  /** Configuration in force at the seal. */
  configHash: hash,
  entries: uint,
  accepted: uint,
  /** Every seat of the federation, with the key that counted at the seal. */
  seats: z.array(z.strictObject({ seat: uint, key: address, exempt: z.boolean() })),
  /** The last report, if there was one. */
  report: reportSchema.nullable(),
});

const party = { organisation: uint, cluster: uint };

/** What a settlement by `quality-v1` takes from the chain; see `read-quality.ts`. */
const qualitySchema = z.strictObject({
  /** One a payee. `records` and `card` of the version that the seat was granted or renewed for; none for a support seat (dataset 0). */
  seats: z.array(z.strictObject({ contributor: uint, ...party, dataset: uint, records: uint, card: hash })),
  /** Voices that count, by organisation. */
  commendations: z.array(z.strictObject({ organisation: uint, seats: z.array(uint) })),
  /** Everything committed for the federation. */
  holdouts: z.array(z.strictObject({ commitment: hash, fromRound: uint })),
  /** Whose operators signed the report of each final round covered. */
  reports: z.array(z.strictObject({ round: uint, signers: z.array(z.strictObject(party)) })),
});

const settlementSchema = z.strictObject({
  index: uint,
  state: z.enum(["Proposed", "Final"]),
  firstRound: uint,
  lastRound: uint,
  statementHash: hash,
  rewardsRoot: hash,
  pool: big,
  distributed: big,
  total: big,
  artefact: hash,
  deadline: uint,
  /** One a seat, at the block of the last report that the settlement pins; the zero address declined. */
  payees: z.array(address),
  /** Null in a federation that never scored by quality, and out of scope. */
  quality: qualitySchema.nullable().optional(),
});

export const factsSchema = z.strictObject({
  format: z.literal("chongwen-ledger"),
  version: z.literal(1),
  /** When and where the facts were read: chain time and block. */
  asOf: z.strictObject({ block: big, timestamp: uint }),
  deployment: deploymentSchema,
  federation: uint,
  genesis: z.strictObject({ configHash: hash, reportHash: hash, modelRoot: hash, artefact: hash }),
  rounds: z.array(roundSchema),
  settlements: z.array(settlementSchema),
  /** Null in a record from before they were read. */
  freezes: freezesSchema.nullable().default(null),
  vault: address,
  rewardsRoot: hash,
  /** Sum of all final entitlements; like every amount of settlements and claims in points, if the federation earns points. */
  credited: big,
  /** Null when the federation earns SHU. `rate`: 10^−18 SHU for 10^18 points, 0 while no token is attached. `payments`: what claims came to. */
  points: z.strictObject({ rate: big, payments: z.array(z.strictObject({ index: uint, points: big, paid: big })) }).nullable().default(null),
  claims: z.array(z.strictObject({ index: uint, payee: address, recipient: address, amount: big, cumulative: big })),
  datasets: z.array(z.strictObject({ dataset: uint, version: uint, status: uint, card: hash })),
});

export type LedgerFacts = z.infer<typeof factsSchema>;
/** What an operator needs to go on: some rounds and those before them, and the last settlements, however long the history is (`read-part.ts`). */
export type LedgerPart = Pick<LedgerFacts, "deployment" | "federation" | "genesis" | "rounds" | "settlements" | "vault">;
export type RoundFacts = LedgerFacts["rounds"][number];
export type QualityFacts = z.infer<typeof qualitySchema>;
export type SettlementFacts = LedgerFacts["settlements"][number];

/** As JSON text; big integers become decimal strings. */
export function writeFacts(facts: LedgerFacts): string {
  return `${JSON.stringify(facts, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value), 2)}\n`;
}

export const parseFacts = (text: string): LedgerFacts => factsSchema.parse(JSON.parse(text));
