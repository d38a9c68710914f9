import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { bytesToHex, type Hex, type PrivateKeyAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { ChongwenError } from "../../protocol/errors.ts";

/**
 * The key with which a service signs its receipts: made at the first start, readable by its owner only. It holds no money and no rights on the ledger;
 * who takes it can write false receipts. A service that must not keep a key on its disk is given a keystore instead.
 * @throws service-key-damaged
 */
export async function openServiceKey(file: string): Promise<PrivateKeyAccount> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const fresh = bytesToHex(randomBytes(32));
  try {
    await writeFile(file, `${fresh}\n`, { flag: "wx", mode: 0o600, flush: true });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const text = (await readFile(file, "utf8")).trim();
  await chmod(file, 0o600);
  if (/^0x[0-9a-f]{64}$/.test(text)) return privateKeyToAccount(text as Hex);
  throw new ChongwenError({
    code: "service-key-damaged",
    message: `${file} does not hold a key.`,
    fix: "Restore it from your copy. With a new key, old receipts are no longer signed by this service: say so to those who hold them.",
  });
}
