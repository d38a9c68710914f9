import { readFile } from "node:fs/promises";
import type { LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { devAccount } from "../../chain/dev-accounts.ts";
import { decryptKeystore } from "../../service/keystore.ts";
import type { KeyConfig } from "./config.ts";
import { createRemoteSigner } from "./remote-signer.ts";
import type { Secrets } from "./secrets.ts";

/** Opens a key. It never comes from a command line or an environment variable, and is never written. @throws keystore-locked, secret-unreadable, secret-exposed, key-public */
export async function openKey(key: KeyConfig, chainId: number, secrets: Secrets): Promise<LocalAccount> {
  const { keystore, passwordFile, signer, address, dialect, tokenFile, account } = key;
  if (account !== undefined) {
    if (chainId !== 31337) {
      throw new ChongwenError({ code: "key-public", message: `${account} is a public development key, and this is chain ${chainId}.`, fix: "Name a keystore or a remote signer in the configuration." });
    }
    return devAccount(Number(account.slice("dev:".length)));
  }
  if (signer !== undefined && address !== undefined) {
    secrets.addUrl(signer);
    return createRemoteSigner({ url: signer, address, ...(dialect === undefined ? {} : { dialect }), token: tokenFile === undefined ? null : await secrets.read(tokenFile) });
  }
  if (keystore === undefined || passwordFile === undefined) throw new RangeError("A key is a keystore, a remote signer or a development account.");
  const json = await readFile(keystore, "utf8").catch((cause: unknown) => {
    throw new ChongwenError({ code: "secret-unreadable", message: `${keystore} cannot be read.`, fix: "Check the path, and that the service's user may read it.", cause });
  });
  const secret = await decryptKeystore(keystore, json, await secrets.read(passwordFile));
  secrets.add(secret);
  secrets.add(secret.slice(2));
  return privateKeyToAccount(secret);
}
