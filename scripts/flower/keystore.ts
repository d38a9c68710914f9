import { writeFile } from "node:fs/promises";
import { encryptKeystoreJson } from "ethers";
import type { HDAccount } from "viem/accounts";

/**
 * Writes a key as a file that its site signer opens with a password (Web3 Secret Storage, version 3).
 * Only for keys of the development mnemonic, which everybody knows: so the password is made hard to guess quickly rather than slowly.
 */
export async function writeKeystore(file: string, account: HDAccount, password: string): Promise<void> {
  const { privateKey } = account.getHdKey();
  if (privateKey === null) throw new Error("A development account has a private key.");
  const secret = `0x${Buffer.from(privateKey).toString("hex")}`;
  const content = await encryptKeystoreJson({ address: account.address, privateKey: secret }, password, { scrypt: { N: 2 ** 13, r: 8, p: 1 } });
  await writeFile(file, `${content}\n`, { mode: 0o600 });
}
