import { decodeFunctionData, hexToBytes, type Hex } from "viem";
import { roundsAbi } from "../../protocol/abi/index.ts";
import { readFile } from "../../protocol/bundle/reader.ts";
import { ROUND_FILES } from "../../protocol/bundle/round-manifest.ts";
import { COLUMN_WIDTHS, configHash, createSeal, packSealColumns, readRoundManifest, sealHash, unpackHex, unpackNumbers, type Entry } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { readForced } from "./entries.ts";
import type { Folder } from "./folder.ts";
import type { Held, SealedSet } from "./journal.ts";

interface SealLog {
  readonly transactionHash: Hex;
  readonly args: { readonly attempt: number; readonly sealHash: Hex; readonly weightsHash: Hex };
}

/**
 * The set of entries that another operator sealed, from its transaction and a bundle that has them: so whoever holds the bundle can go on where that one stopped. What was forced in is taken from the
 * chain. Null when the bundle does not have all of them: the hash decides, nothing else.
 */
export async function readSealedSet(kernel: Kernel, { transactionHash, args: seal }: SealLog, { bundle, federation, round, parent }: Held, folder: Folder): Promise<SealedSet | null> {
  const sealed = await columnsOf(kernel, transactionHash);
  if (sealed === null) return null;
  const { entries, config } = await readRoundManifest(folder);
  const signatures = unpackHex(await readFile(folder, ROUND_FILES.signatures, entries.length * COLUMN_WIDTHS.signatures), COLUMN_WIDTHS.signatures);
  const context = { federation, round, parentReportHash: parent, configHash: configHash(config) };
  const known = [...(await readForced(kernel, { context })), ...entries.map((entry, i): Entry => ({ ...entry, signature: signatures[i] ?? "0x" }))];
  const found = sealed.seats.flatMap((seat, i) => {
    const entry = known.find((candidate) => candidate.seat === seat && candidate.updateRoot === sealed.updateRoots[i]);
    if (entry === undefined) return [];
    const { updateRoot, normSq, normTraceRoot, rho, signer, signature } = entry;
    return [{ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature }];
  });
  if (found.length !== sealed.seats.length) return null;
  if (sealHash(createSeal(context, seal.attempt, packSealColumns(found)), seal.weightsHash) !== seal.sealHash) return null;
  return { bundle, context, attempt: seal.attempt, entries: found };
}

/** Null when the round was sealed through another contract. */
async function columnsOf({ client }: Kernel, hash: Hex): Promise<{ readonly seats: number[]; readonly updateRoots: Hex[] } | null> {
  const { input } = await client.getTransaction({ hash });
  try {
    const call = decodeFunctionData({ abi: roundsAbi, data: input });
    if (call.functionName !== "seal") return null;
    const { seats, updateRoots } = call.args[1];
    return { seats: unpackNumbers(hexToBytes(seats), COLUMN_WIDTHS.seats), updateRoots: unpackHex(hexToBytes(updateRoots), COLUMN_WIDTHS.updateRoots) };
  } catch {
    return null;
  }
}
