import { pbkdf2Sync } from "node:crypto";
import { HDKey, hdKeyToAccount, type HDAccount } from "viem/accounts";

/** The development mnemonic that every local Ethereum tool knows. Its keys are public: they guard nothing but a chain on this machine. */
export const DEV_MNEMONIC = "test test test test test test test test test test test junk";
/** How many of its accounts the local chain funds. */
export const DEV_ACCOUNT_COUNT = 64;

/** BIP-39. Node's own function: in JavaScript these hashes take 50 ms, once for every account that anybody asks for. */
const master = HDKey.fromMasterSeed(pbkdf2Sync(DEV_MNEMONIC, "mnemonic", 2048, 64, "sha512"));
const derived = new Map<number, HDAccount>();

export function devAccount(index: number): HDAccount {
  const account = derived.get(index) ?? hdKeyToAccount(master, { addressIndex: index });
  derived.set(index, account);
  return account;
}

/** The development account with this address, if it is one. */
export function devAccountAt(address: string): HDAccount | undefined {
  for (let index = 0; index < DEV_ACCOUNT_COUNT; index++) if (devAccount(index).address === address) return devAccount(index);
  return undefined;
}
