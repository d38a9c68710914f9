import type { HDAccount } from "viem/accounts";
import { devAccount } from "../chain/dev-accounts.ts";

/** The keys of one simulated hospital on the local chain. In production each is in other hands, none of them here. */
export interface HospitalKeys {
  /** Signs contributions; would live with the site's signer. */
  readonly signer: HDAccount;
  /** The institution: holds the library card, receives rewards. */
  readonly institution: HDAccount;
  readonly officers: readonly [HDAccount, HDAccount];
}

export const deployer = (): HDAccount => devAccount(0);
/** Pays the gas of what anyone may send: seals, reports, finalisations. */
export const relayer = (): HDAccount => devAccount(9);
/** Watches: has nothing to do with the operators. */
export const watcherAccount = (): HDAccount => devAccount(62);
/** Keeps the holdouts that judge settlements until they are revealed. */
export const holdoutCustodian = (): HDAccount => devAccount(63);
/** Signs for the support seat of an operator's organisation. */
export const supportKey = (i: number): HDAccount => devAccount(64 + i);
export const foundingMember = (i: number): HDAccount => devAccount(6 + i);

/** @param i 0..9 */
export function hospitalKeys(i: number): HospitalKeys {
  return { signer: devAccount(10 + i), institution: devAccount(20 + i), officers: [devAccount(30 + i), devAccount(40 + i)] };
}
