import type { Address, Hex } from "viem";
import { isAddress } from "viem/utils";
import { z } from "zod";

/**
 * Where a ledger lives: what a dapp, an auditor or an operator needs to find it. Served as `/deployment.json` and kept beside the store.
 */
const address = z.custom<Address>((value) => typeof value === "string" && isAddress(value), "expected an address");

export const contractNames = [
  "contributors",
  "datasets",
  "seats",
  "treasury",
  "token",
  "operators",
  "rounds",
  "settlement",
  "disputes",
  "aggregateVerifier",
  "normVerifier",
  "signatureVerifier",
  "predictionVerifier",
  "rewardsVerifier",
  "demands",
  "attestations",
  "postings",
  "loneReports",
  "arbitration",
  "holdouts",
  "commendations",
  "freezes",
  "passkeyAccounts",
  "timelock",
  "governor",
] as const;
export type ContractName = (typeof contractNames)[number];

const codeHash = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value), "expected 32 bytes as lower-case 0x-hex");

/** What a demonstration trains on, to be credited wherever its results are shown. Real federations name their data in dataset cards. */
const demonstration = z.object({ title: z.string(), licence: z.string(), source: z.string() });

/** Services that the writer of this file runs. None needs to be trusted, and all that a reader must know can be had without them. */
const services = z.object({
  /** Finds faster what the chain holds. */
  indexer: z.url().optional(),
  /** Pays the gas of those who joined with a passkey. */
  relay: z.url().optional(),
  /** Where a custodian shows images to those who label them, behind its login. */
  custodian: z.url().optional(),
  /** Takes what users of a model say of it. */
  feedback: z.url().optional(),
  /** Says how a watcher fares. */
  watcher: z.url().optional(),
});

export const deploymentSchema = z.object({
  format: z.literal("chongwen-deployment"),
  version: z.literal(1),
  chainId: z.number().int().positive(),
  /** JSON-RPC endpoint that the writer of this file used; readers may prefer their own. */
  rpcUrl: z.url(),
  /** First block that can hold an event of this ledger. */
  fromBlock: z.coerce.bigint(),
  /** Keccak-256 of what runs at each address, written when it was deployed: so that nobody is served another contract. */
  codeHashes: z.partialRecord(z.enum(contractNames), codeHash).optional(),
  /** Only for a demonstration: its hospitals are simulated. */
  demonstration: demonstration.optional(),
  services: services.optional(),
  contracts: z.object(Object.fromEntries(contractNames.map((name) => [name, address])) as Record<ContractName, typeof address>),
});

export type Services = z.infer<typeof services>;
export type Deployment = z.infer<typeof deploymentSchema>;
