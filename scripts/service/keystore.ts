import type { Hex } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";

/** The secret of an encrypted keystore. @param name Of its file. @throws keystore-locked */
export async function decryptKeystore(name: string, json: string, password: string): Promise<Hex> {
  const { decryptKeystoreJson } = await import("ethers");
  try {
    const { privateKey } = await decryptKeystoreJson(json, password.replace(/\r?\n$/, ""));
    return privateKey as Hex;
  } catch (cause) {
    throw new ChongwenError({
      code: "keystore-locked",
      message: `${name} does not open with that password.`,
      fix: "Check the password file, and that the keystore is Web3 Secret Storage (version 3).",
      cause,
    });
  }
}
