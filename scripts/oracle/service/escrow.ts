import { readFile } from "node:fs/promises";
import path from "node:path";
import { hexToBytes } from "viem";
import { createEscrowReader, type EscrowReader } from "../../../protocol/privacy/escrow-reader.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { deriveEscrowKey } from "../../../protocol/privacy/key-slip.ts";
import { decryptKeystore } from "../../service/keystore.ts";
import { diskKeySlips } from "../../store/index.ts";
import type { OracleConfig } from "./config.ts";
import type { Secrets } from "./secrets.ts";

/** Opens envelopes with the operator's escrow key and the slips in its folder. @throws keystore-locked, secret-unreadable, secret-exposed */
export async function openEscrowKey({ keystore, passwordFile, slips }: OracleConfig["escrow"][number], dir: string, secrets: Secrets): Promise<EscrowReader> {
  const json = await readFile(keystore, "utf8").catch((cause: unknown) => {
    throw new ChongwenError({ code: "secret-unreadable", message: `${keystore} cannot be read.`, fix: "Check the path, and that the service's user may read it.", cause });
  });
  const secret = await decryptKeystore(keystore, json, await secrets.read(passwordFile));
  secrets.add(secret);
  secrets.add(secret.slice(2));
  return createEscrowReader(await deriveEscrowKey(hexToBytes(secret)), diskKeySlips(slips, path.join(dir, "erased")).get);
}
