import type { Hex } from "viem";
import { type EnvelopeContext, foreignField, openEnvelope, parseEnvelope } from "./envelope.ts";
import type { EscrowRegister } from "./escrow.ts";
import { protocolError } from "../errors.ts";
import { decodeSlip, type EscrowKey, openSlip, slipProblem } from "./key-slip.ts";

/** A payload that was opened. @param slipProblem A reader whom the sealer kept out, or null. */
export interface OpenedPayload {
  readonly payload: Uint8Array;
  readonly slipProblem: string | null;
}

/** Opens envelopes for who holds a key. What verifies a round gets one, or null when the reader has no key. */
export interface EscrowReader {
  /** @throws envelope-invalid, key-slip-invalid, envelope-key-missing, artefact-erased */
  open(envelope: Uint8Array, context: EnvelopeContext, register: EscrowRegister): Promise<OpenedPayload>;
}

/** @param slipOf The bytes of an envelope's key slip, null when there is none; throws when it was erased. */
export function createEscrowReader(key: EscrowKey, slipOf: (envelope: Hex) => Promise<Uint8Array | null>): EscrowReader {
  return {
    async open(bytes, context, register) {
      const envelope = parseEnvelope(bytes);
      const foreign = foreignField(envelope.header, context);
      if (foreign !== null) throw protocolError("envelope-invalid", `The envelope is about ${foreign}.`);
      const slipBytes = await slipOf(envelope.id);
      if (slipBytes === null) throw protocolError("envelope-key-missing", `There is no key slip of envelope ${envelope.id} here.`);
      const slip = decodeSlip(slipBytes, envelope.id);
      const objectKey = await openSlip(slip, key);
      const payload = await openEnvelope(envelope, objectKey);
      return { payload, slipProblem: await slipProblem(slip, objectKey, register.recipients.map(({ publicKey }) => publicKey)) };
    },
  };
}
