/** Payloads of a round in privacy mode B: what everybody can check of an envelope, and what a reader with a key can. */
import { int16Of } from "../bytes.ts";
import { ChongwenError } from "../errors.ts";
import { type EnvelopeContext, ENVELOPE_OVERHEAD, foreignField, parseEnvelope } from "../privacy/envelope.ts";
import { decodeRegister, ESCROW_LIMIT, type EscrowRegister, keyIdsOf } from "../privacy/escrow.ts";
import type { OpenedPayload } from "../privacy/escrow-reader.ts";
import { updateRoot } from "../ssz/vector.ts";
import { checkHashedFile } from "./files.ts";
import { readFile } from "./reader.ts";
import { committed, isUnreadable, orUnread, type UpdateContext } from "./round-context.ts";
import { envelopePath, ESCROW_FILE, type RoundManifest } from "./round-manifest.ts";

/** An envelope: its header by everybody; its payload, and whether every reader got the key, by who has a key. */
export async function checkEscrowed(context: UpdateContext, entry: RoundManifest["entries"][number]): Promise<Int16Array | null> {
  const { list, reader, manifest, files, parameters, hashPairs, escrow, unread } = context;
  const path = envelopePath(entry.seat);
  const file = files.get(path);
  if (file === undefined) return null;
  const bytes = await orUnread(context, path, () => readFile(reader, path, 2 * parameters + ENVELOPE_OVERHEAD + 1));
  if (bytes === null) return null;
  checkHashedFile(list, file, bytes);
  list.same("listed length", path, bytes.length, file.bytes);
  const { chainId, ledger, federation, round } = manifest;
  const about = { chainId, ledger, federation, round, seat: entry.seat, updateRoot: entry.updateRoot };
  const register = await readRegister(context);
  const problem = headerProblem(bytes, about, register, 2 * parameters);
  if (!list.same("envelope", path, "of this entry, for the readers of this round", problem ?? "of this entry, for the readers of this round") || register === null) return null;
  if (escrow === null) {
    unread.push({ path, error: null });
    return null;
  }
  const opened = await orUnread(context, path, () => openOrNote(context, path, () => escrow.open(bytes, about, register)));
  if (opened === null) return null;
  list.same("key slip", path, "every reader gets the same key", opened.slipProblem ?? "every reader gets the same key");
  const update = int16Of(opened.payload);
  return committed(context, entry, path, update, updateRoot(update, hashPairs));
}

/** A payload that does not open is a finding about the round. */
async function openOrNote({ list }: UpdateContext, path: string, open: () => Promise<OpenedPayload>): Promise<OpenedPayload | null> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof ChongwenError) || isUnreadable(error)) throw error;
    list.same("payload", path, "opens with the reader's key", error.message);
    return null;
  }
}

async function readRegister({ reader, files }: UpdateContext): Promise<EscrowRegister | null> {
  return files.has(ESCROW_FILE) ? decodeRegister(await readFile(reader, ESCROW_FILE, ESCROW_LIMIT + 1)) : null;
}

function headerProblem(bytes: Uint8Array, about: EnvelopeContext, register: EscrowRegister | null, length: number): string | null {
  try {
    const { header } = parseEnvelope(bytes);
    const foreign = foreignField(header, about);
    if (foreign !== null) return foreign;
    if (header.bytes !== length) return `${header.bytes} bytes instead of ${length}`;
    return register !== null && keyIdsOf(register).join() === header.recipients.join() ? null : "other readers than the register names";
  } catch (error) {
    if (error instanceof ChongwenError) return error.message;
    throw error;
  }
}
