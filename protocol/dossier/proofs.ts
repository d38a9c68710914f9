/** `proofs.json`: one block's header, and the proofs of a federation's slots against the state root in it. */
import { z } from "zod";
import type { Address } from "viem";
import { getAddress, toHex } from "viem/utils";
import { decodeJson, encodeJson, type Json } from "../bundle/canonical-json.ts";
import { protocolError } from "../errors.ts";
import type { LedgerFacts } from "../ledger/facts.ts";
import { parseAccountProof, type AccountProof } from "../proofs/account.ts";
import { readHeader, type Header } from "../proofs/header.ts";
import type { LedgerQuestion } from "../proofs/ledger.ts";
import { address, firstIssue } from "../schema.ts";
import { DOSSIER_FILES, DOSSIER_LIMITS } from "./manifest.ts";

export const PROOFS_FORMAT = "chongwen-proofs";
const NO_VAULT = `0x${"00".repeat(20)}`;

export interface DossierProofs {
  readonly header: Header;
  readonly accounts: ReadonlyMap<Address, AccountProof>;
}

/** What is proven of a federation: all of its rounds, the genesis among them, what each seat has claimed, and the rest that has a known place. */
export const questionOf = ({ federation, rounds, vault, freezes, claims, settlements, datasets }: Pick<LedgerFacts, "federation" | "vault" | "freezes" | "claims" | "datasets"> & { readonly rounds: readonly { readonly round: number }[]; readonly settlements: readonly { readonly payees: readonly unknown[] }[] }): LedgerQuestion => {
  const seats = Math.max(0, ...settlements.map(({ payees }) => payees.length));
  const paid = new Set([...Array.from({ length: seats }, (_, seat) => seat), ...claims.map(({ index }) => index)]);
  return {
    federation, rounds: [0, ...rounds.map(({ round }) => round)], vault: vault === NO_VAULT ? null : vault,
    freezes: freezes !== null, paid: vault === NO_VAULT ? [] : [...paid].sort((a, b) => a - b),
    datasets: datasets.map(({ dataset }) => dataset),
  };
};

export function encodeProofs({ header, accounts }: DossierProofs): Uint8Array {
  const entries = [...accounts].map(([holder, { accountProof, storageProof }]) => ({
    address: holder.toLowerCase(), accountProof, storageProof: storageProof.map(({ key, proof }) => ({ key: toHex(key), proof })),
  }));
  const sorted = entries.sort((a, b) => (a.address < b.address ? -1 : 1));
  return encodeJson({ format: PROOFS_FORMAT, version: 1, block: header.fields, accounts: sorted } as unknown as Json);
}

/** More than a deployment has contracts. */
const MOST_ACCOUNTS = 256;
const MOST_FIELDS = 64;

const schema = z.strictObject({
  format: z.literal(PROOFS_FORMAT),
  version: z.literal(1),
  block: z.record(z.string(), z.string()).refine((fields) => Object.keys(fields).length <= MOST_FIELDS, "too many fields"),
  accounts: z.array(z.strictObject({ address, accountProof: z.unknown(), storageProof: z.unknown() })).max(MOST_ACCOUNTS),
});

/** @throws json-invalid, dossier-invalid, header-invalid, proof-invalid */
export function decodeProofs(bytes: Uint8Array): DossierProofs {
  const parsed = schema.safeParse(decodeJson(bytes, DOSSIER_FILES.proofs, DOSSIER_LIMITS.proofs));
  if (!parsed.success) throw protocolError("dossier-invalid", `${DOSSIER_FILES.proofs} is malformed: ${firstIssue(parsed.error)}.`, parsed.error);
  const { block, accounts } = parsed.data;
  return { header: readHeader(block), accounts: new Map(accounts.map(({ address: holder, ...proof }) => [getAddress(holder), parseAccountProof(proof, Number.POSITIVE_INFINITY)])) };
}
