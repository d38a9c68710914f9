import { mnemonicToAccount, type HDAccount } from "viem/accounts";

/** The development mnemonic that every local Ethereum tool knows. Its keys are public: they guard nothing but a chain on this machine. */
export const DEV_MNEMONIC = "test test test test test test test test test test test junk";
/** How many of its accounts the local chain funds. */
export const DEV_ACCOUNT_COUNT = 64;

export const devAccount = (index: number): HDAccount => mnemonicToAccount(DEV_MNEMONIC, { addressIndex: index });

/** The development account with this address, if it is one. */
export function devAccountAt(address: string): HDAccount | undefined {
  return Array.from({ length: DEV_ACCOUNT_COUNT }, (_, i) => devAccount(i)).find((account) => account.address === address);
}
