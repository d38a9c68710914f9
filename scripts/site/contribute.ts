import type { LocalAccount } from "viem";
import { commitUpdate, contributionOf, protocolError, toCompactSignature, type Domain, type Entry, type HashPairs, type RoundContext } from "../../protocol/index.ts";
import { privatise, type NoisedUpdate, type NoiseSetting } from "../../protocol/privacy/privatise.ts";
import type { FillRandom } from "../../protocol/privacy/random-bits.ts";
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
  /** Quantised update, N int16 lanes. Where the round charges a budget, it has noise in it. */
  readonly update: Int16Array | NoisedUpdate;
  readonly hashPairs?: HashPairs;
}

/**
 * Commits to an update and signs the commitment: what a site hands to an aggregator before the seal. The update itself stays at the site until the set
 * is sealed, so nobody can copy it in time.
 * @throws noise-missing, noise-uncovered: what is paid for with privacy budget is never signed without noise that is worth it
 */
export async function contribute({ signer, domain, context, seat, rho, update, hashPairs }: ContributeParameters): Promise<Entry> {
  const commitment = { seat, ...commitUpdate(requireNoise(update, seat, rho), hashPairs), rho };
  const signature = await signStruct(signer, domain, "Contribution", contributionOf(commitment, context));
  return { ...commitment, signer: signer.address, signature: toCompactSignature(signature) };
}

/** The vector to commit to. */
function requireNoise(update: Int16Array | NoisedUpdate, seat: number, rho: number): Int16Array {
  if (update instanceof Int16Array) {
    if (rho === 0) return update;
    throw protocolError("noise-missing", `The round charges seat ${seat} ${rho} nano-ρ, and its update has no noise.`);
  }
  if (rho > 0 && update.rho > BigInt(rho)) {
    throw protocolError("noise-uncovered", `The noise of seat ${seat} is worth ${update.rho} nano-ρ a release; the round charges ${rho}, so the ledger would count too little.`);
  }
  return update.update;
}

/** @param noise What the federation adds. Null where every dataset is exempt. @param random Fresh for every update; `cryptoRandom` outside tests. */
export interface ContributePrivatelyParameters extends Omit<ContributeParameters, "update"> {
  readonly update: Int16Array;
  readonly noise: NoiseSetting | null;
  readonly random: FillRandom;
}

/** @param update What the site publishes after the seal: with its noise, when there is any. @param noised Null for exempt data. */
export interface PrivateContribution {
  readonly entry: Entry;
  readonly update: Int16Array;
  readonly noised: NoisedUpdate | null;
}

/** As `contribute`, with the clip and the noise before it wherever the round charges a budget. @throws noise-missing, noise-uncovered, out-of-range */
export async function contributePrivately({ noise, random, update, ...rest }: ContributePrivatelyParameters): Promise<PrivateContribution> {
  const noised = rest.rho > 0 && noise !== null ? privatise(update, noise, random) : null;
  const entry = await contribute({ ...rest, update: noised ?? update });
  return { entry, update: noised?.update ?? update, noised };
}
