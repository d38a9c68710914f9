import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { readEscrowKey, usage } from "./context.ts";

export interface EscrowKeyOptions {
  readonly keystore: string;
  readonly passwordFile: string;
  readonly new: boolean;
  readonly json: boolean;
}

/** Shows a reader's public key, for the register; `--new` makes one first, in a keystore file of its own. */
export async function escrowKey(options: EscrowKeyOptions, { out }: Streams): Promise<number> {
  const { keystore, passwordFile, json } = options;
  if (options.new) {
    const password = await readFile(passwordFile, "utf8").catch(() => {
      throw usage(`${passwordFile} cannot be read.`, "Write the password into a file that only you can read.");
    });
    const { encryptKeystoreJson, Wallet } = await import("ethers");
    const { address, privateKey } = new Wallet(`0x${randomBytes(32).toString("hex")}`);
    const text = await encryptKeystoreJson({ address, privateKey }, password.replace(/\r?\n$/, ""));
    await writeFile(keystore, text, { flag: "wx", mode: 0o600 }).catch(() => {
      throw usage(`${keystore} exists already, or cannot be written.`, "Name a new file: a key is never overwritten.");
    });
  }
  const { publicKey, keyId } = await readEscrowKey(keystore, passwordFile);
  out.write(json ? envelope(true, { publicKey, keyId }) : `public key  ${publicKey}\nkey id      ${keyId}\n`);
  return EXIT.ok;
}
