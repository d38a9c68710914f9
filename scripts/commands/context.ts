import { readFile } from "node:fs/promises";
import { hexToBytes, type Hex, type LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { connectKernel, type Kernel } from "../chain/kernel.ts";
import { devAccount } from "../chain/dev-accounts.ts";
import { createTransactor, type Transactor } from "../chain/transactor.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { openWorkspace, type Workspace } from "../federation/workspace.ts";
import { decryptKeystore } from "../service/keystore.ts";
import { createEscrowReader, type EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { deriveEscrowKey, type EscrowKey } from "../../protocol/privacy/key-slip.ts";
import { createDiskStore, diskKeySlips, createKuboStore, readErasures, withErasures, type ArtefactStore } from "../store/index.ts";

/** Options that every command on a ledger takes. */
export interface LedgerOptions {
  readonly dir: string;
  readonly rpc?: string | undefined;
  readonly federation: number;
  readonly json: boolean;
}

export interface StoreOptions {
  readonly store?: string | undefined;
  readonly ipfs?: string | undefined;
}

export interface SignerOptions {
  readonly account?: string | undefined;
  readonly keystore?: string | undefined;
  readonly passwordFile?: string | undefined;
}

export interface LedgerContext {
  readonly workspace: Workspace;
  readonly kernel: Kernel;
  readonly transactor: Transactor;
}

export async function openLedger({ dir, rpc }: Pick<LedgerOptions, "dir" | "rpc">): Promise<LedgerContext> {
  const workspace = openWorkspace(dir);
  const kernel = await connectKernel(await workspace.loadDeployment(), rpc);
  return { workspace, kernel, transactor: createTransactor(kernel.client, kernel.rpcUrl) };
}

/** The workspace's store on disk, another folder, or a Kubo node; of what is missing it says whether it was erased. */
export function openStore({ storeDir, erasedDir }: Workspace, { store, ipfs }: StoreOptions): ArtefactStore {
  return withErasures(ipfs === undefined ? createDiskStore(store ?? storeDir) : createKuboStore({ url: ipfs }), readErasures(erasedDir));
}

/**
 * Who signs: a development account (dev:N, on a local chain only) or an encrypted keystore file. A key never comes as an argument or a variable.
 * @throws signature-needed when none is given
 */
export async function openSigner({ account, keystore, passwordFile }: SignerOptions, kernel: Pick<Kernel, "deployment">): Promise<LocalAccount> {
  if (account !== undefined) {
    const index = /^dev:(\d{1,2})$/.exec(account)?.[1];
    if (index === undefined) throw usage(`${account} is no account.`, "Write --account dev:N, or use --keystore FILE.");
    if (kernel.deployment.chainId !== 31337) throw usage(`${account} is a public development key, and this is chain ${kernel.deployment.chainId}.`, "Use --keystore FILE.");
    return devAccount(Number(index));
  }
  if (keystore === undefined) {
    throw new ChongwenError({
      code: "signature-needed",
      message: "This sends a transaction, and no account was given to sign it.",
      fix: "Add --keystore FILE --password-file FILE (or --account dev:N on a local chain), or --dry-run to only look.",
    });
  }
  return privateKeyToAccount(await openKeystore(keystore, passwordFile));
}

/** The secret of an encrypted keystore file. @throws usage, keystore-locked */
async function openKeystore(keystore: string, passwordFile: string | undefined): Promise<Hex> {
  if (passwordFile === undefined) throw usage("The keystore is encrypted.", "Add --password-file FILE.");
  const [json, password] = await Promise.all([readText(keystore), readText(passwordFile)]);
  return decryptKeystore(keystore, json, password);
}

export interface EscrowOptions {
  readonly escrowKey?: string | undefined;
  readonly escrowPasswordFile?: string | undefined;
}

/** Opens escrowed payloads with the key in a keystore file and the slips of the workspace; null when no key was given. @throws usage, keystore-locked */
export async function openEscrow({ keysDir, erasedDir }: Workspace, { escrowKey, escrowPasswordFile }: EscrowOptions): Promise<EscrowReader | null> {
  if (escrowKey === undefined) return null;
  return createEscrowReader(await readEscrowKey(escrowKey, escrowPasswordFile), diskKeySlips(keysDir, erasedDir).get);
}

/** @throws usage, keystore-locked */
export async function readEscrowKey(keystore: string, passwordFile: string | undefined): Promise<EscrowKey> {
  return deriveEscrowKey(hexToBytes(await openKeystore(keystore, passwordFile)));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw usage(`${file} cannot be read.`, "Check the path and that you may read the file.");
  }
}

export function usage(message: string, fix: string): ChongwenError {
  return new ChongwenError({ code: "usage", message, fix });
}
