// A federation of four rounds and two settlements on a chain of Foundry's anvil: one block's header, the proofs it gave, and what its contracts answered.
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Address } from "viem";
import { getAddress } from "viem/utils";
import type { Deployment } from "../../../protocol/deployment.ts";
import { parseAccountProof, type AccountProof } from "../../../protocol/proofs/account.ts";
import { readHeader } from "../../../protocol/proofs/header.ts";

interface Recorded {
  readonly contracts: Deployment["contracts"];
  readonly federation: number;
  readonly vault: Address;
  readonly rounds: readonly number[];
  readonly block: Readonly<Record<string, unknown>>;
  readonly proofs: Readonly<Record<Address, { readonly accountProof: readonly string[]; readonly storageProof: readonly { readonly key: string; readonly proof: readonly string[] }[] }>>;
  readonly said: {
    readonly rounds: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly head: { readonly last: number; readonly tip: number };
    readonly account: Readonly<Record<string, unknown>>;
    readonly epoch: Readonly<Record<string, unknown>>;
    readonly credited: string;
    readonly rewardsRoot: string;
  };
}

export const recorded = JSON.parse(readFileSync(path.join(import.meta.dirname, "anvil.json"), "utf8")) as Recorded;
export const deployment: Deployment = { format: "chongwen-deployment", version: 1, chainId: 31337, rpcUrl: "http://127.0.0.1:1", fromBlock: 0n, contracts: recorded.contracts };
export const header = readHeader(recorded.block);
export const question = { federation: recorded.federation, rounds: recorded.rounds, vault: recorded.vault };
export const proofs = (): Map<Address, AccountProof> => new Map(Object.entries(recorded.proofs).map(([address, proof]) => [getAddress(address), parseAccountProof(proof)]));
