import { protocolError } from "../errors.ts";
import { parameterCount, parseModelSpec } from "../model-spec.ts";
import type { EscrowReader } from "../privacy/escrow-reader.ts";
import type { VerifiedRound } from "../scoring/score-window.ts";
import { type HashPairs, wasmHashPairs } from "../ssz/hash-pairs.ts";
import { createCheckList, firstFailure } from "./checks.ts";
import type { BundleReader } from "./reader.ts";
import type { UnreadPayload } from "./round-context.ts";
import { readRoundManifest } from "./round-manifest.ts";
import { checkUpdate } from "./round-updates.ts";

/**
 * Reads the updates that count of a round whose bundle was verified, once more: so nobody keeps them between the round and its settlement. Each is checked against
 * the commitment that was verified, because the reader may be another one by now.
 * @throws bundle-unreadable, also when an update is not the one that was verified; envelope-key-missing and artefact-erased when it cannot be looked at
 */
export async function readPayloads(
  reader: BundleReader,
  { round, seats, weights, roots }: VerifiedRound,
  hashPairs: HashPairs = wasmHashPairs,
  escrow: EscrowReader | null = null,
): Promise<Map<number, Int16Array>> {
  const manifest = await readRoundManifest(reader);
  const list = createCheckList();
  const unread: UnreadPayload[] = [];
  const files = new Map(manifest.files.map((file) => [file.path, file]));
  const context = { list, reader, manifest, files, parameters: parameterCount(parseModelSpec(manifest.modelSpec)), hashPairs, escrow, unread };
  const updates = new Map<number, Int16Array>();
  for (const [i, seat] of seats.entries()) {
    if (weights[i] === 0) continue;
    const entry = manifest.entries[i];
    const update = entry?.seat === seat && entry.updateRoot === roots[i] ? await checkUpdate(context, i) : null;
    if (unread[0] !== undefined) throw unread[0].error ?? protocolError("envelope-key-missing", `The updates of round ${round} are encrypted, and there is no key to them here.`);
    if (update === null || firstFailure(list.checks) !== null) throw protocolError("bundle-unreadable", `The update of seat ${seat} in round ${round} is not the one that was verified.`);
    updates.set(seat, update);
  }
  return updates;
}
