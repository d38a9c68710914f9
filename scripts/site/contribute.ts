import type { LocalAccount } from "viem";
import { commitUpdate, contributionOf, toCompactSignature, type Domain, type Entry, type HashPairs, type RoundContext } from "../../protocol/index.ts";
import { signStruct } from "../chain/sign.ts";

export interface ContributeParameters {
  readonly signer: LocalAccount;
  /** Domain of the ledger (`Rounds`). */
  readonly domain: Domain;
  /** The open round, as read from the ledger. */
  readonly context: RoundContext;
  readonly seat: number;
  /** Nano-ρ that the round charges the seat; 0 for an exempt dataset. */
  readonly rho: number;
  /** Quantised update, N int16 lanes. */
  readonly update: Int16Array;
  readonly hashPairs?: HashPairs;
}

/**
 * Commits to an update and signs the commitment: what a site hands to an aggregator before the seal. The update itself stays at the site until the set
 * is sealed, so nobody can copy it in time.
 */
export async function contribute({ signer, domain, context, seat, rho, update, hashPairs }: ContributeParameters): Promise<Entry> {
  const commitment = { seat, ...commitUpdate(update, hashPairs), rho };
  const signature = await signStruct(signer, domain, "Contribution", contributionOf(commitment, context));
  return { ...commitment, signer: signer.address, signature: toCompactSignature(signature) };
}
