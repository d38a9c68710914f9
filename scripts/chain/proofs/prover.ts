/** Asks endpoints for a ledger's slots with their proofs, and believes the proofs only: against the state root of a header whose hash was computed here. */
import type { Address, Hex, PublicClient } from "viem";
import { getAddress, pad, toHex } from "viem/utils";
import type { Deployment } from "../../../protocol/deployment.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { MOST_SLOTS, parseAccountProof, proveAccount, type AccountProof } from "../../../protocol/proofs/account.ts";
import { readHeader, type Header } from "../../../protocol/proofs/header.ts";
import { ledgerSlots, wordsOf, proveLedger, type LedgerQuestion, type ProvenLedger } from "../../../protocol/proofs/ledger.ts";
import { decodeRound, roundSlots, type ProvenRound } from "../../../protocol/proofs/slots.ts";
import { isUnsupported } from "../endpoints/endpoint.ts";

/** "offered": proofs are checked where an endpoint gives them, and it is said once when none does. "required": nothing is believed without. */
export type ProofPolicy = "offered" | "required";

/** Rounds in the state of one block. */
export interface ProvenRounds {
  readonly header: Header;
  readonly rounds: ReadonlyMap<number, ProvenRound>;
}

/** With what it was proven, for a file. */
export interface LedgerProof {
  readonly header: Header;
  readonly proofs: ReadonlyMap<Address, AccountProof>;
  readonly proven: ProvenLedger;
}

/** Null where no endpoint offers proofs, and none are required. */
export interface Prover {
  /** @throws proofs-not-offered, proof-invalid, header-invalid */
  rounds(federation: number, rounds: readonly number[]): Promise<ProvenRounds | null>;
  /** @param block A past one; the newest when left out. @throws as `rounds` */
  ledger(question: LedgerQuestion, block?: bigint): Promise<LedgerProof | null>;
}

export interface ProverParameters {
  /** Over several endpoints that must agree on the header, or over one. */
  readonly client: Pick<PublicClient, "request">;
  readonly deployment: Deployment;
  readonly policy?: ProofPolicy;
  readonly warn: (message: string) => void;
}

/** Headers and proofs are asked for one after the other: after a reorganisation between the two they do not fit, and another endpoint may be honest. */
const TRIES = 3;
const AGAIN = new Set(["proof-invalid", "header-invalid"]);

export function createProver({ client, deployment, policy = "offered", warn }: ProverParameters): Prover {
  let isTold = false;

  async function headerAt(block: bigint | undefined): Promise<Header> {
    const header = readHeader(await client.request({ method: "eth_getBlockByNumber", params: [block === undefined ? "latest" : toHex(block), false] }));
    if (block !== undefined && header.number !== block) throw new ChongwenError({ code: "chain-incomplete", message: `The endpoint answers block ${header.number} for block ${block}.`, fix: "Use another endpoint (--rpc).", retryable: true });
    return header;
  }

  /** In portions: endpoints bound the slots of a question. */
  async function askProof(address: Address, slots: readonly bigint[], { number }: Header): Promise<AccountProof> {
    const parts: AccountProof[] = [];
    for (let from = 0; from === 0 || from < slots.length; from += MOST_SLOTS) {
      const keys = slots.slice(from, from + MOST_SLOTS).map((slot): Hex => pad(toHex(slot), { size: 32 }));
      parts.push(parseAccountProof(await client.request({ method: "eth_getProof", params: [address, keys, toHex(number)] })));
    }
    return { accountProof: parts[0]?.accountProof ?? [], storageProof: parts.flatMap(({ storageProof }) => storageProof) };
  }

  async function attempt<Value>(work: () => Promise<Value>): Promise<Value | null> {
    for (let left = TRIES; ; left--) {
      try {
        return await work();
      } catch (error) {
        if (isUnsupported(error)) return without();
        if (!(error instanceof ChongwenError) || !AGAIN.has(error.code) || left <= 1) throw error;
      }
    }
  }

  function without(): null {
    if (policy === "required") {
      throw new ChongwenError({
        code: "proofs-not-offered",
        message: "No endpoint offers eth_getProof, and this service believes nothing without a proof.",
        fix: "Name an endpoint that offers it, such as a node of your own, or set proofs to “offered”.",
        retryable: true,
        docs: "docs/decisions/endpoints.md",
      });
    }
    if (!isTold) warn("No endpoint offers eth_getProof: what they say of the ledger is believed, not proven.");
    isTold = true;
    return null;
  }

  return {
    rounds: (federation, rounds) =>
      attempt(async () => {
        const header = await headerAt(undefined);
        const slots = rounds.flatMap((round) => roundSlots(federation, round));
        const address = getAddress(deployment.contracts.rounds);
        const account = await proveAccount(header.stateRoot, address, await askProof(address, slots, header), slots);
        return { header, rounds: new Map(rounds.map((round) => [round, decodeRound(...wordsOf(account, roundSlots(federation, round)))])) };
      }),

    ledger: (question, block) =>
      attempt(async () => {
        const header = await headerAt(block);
        const asked = [...ledgerSlots(deployment, question)].map(async ([address, slots]) => [address, await askProof(address, slots, header)] as const);
        const proofs = new Map(await Promise.all(asked));
        return { header, proofs, proven: await proveLedger(header, deployment, question, proofs) };
      }),
  };
}
