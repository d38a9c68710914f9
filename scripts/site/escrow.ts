import { bytesOf } from "../../protocol/index.ts";
import { type EnvelopeContext, sealEnvelope } from "../../protocol/privacy/envelope.ts";
import { type EscrowRegister, keyIdsOf } from "../../protocol/privacy/escrow.ts";
import { encodeSlip, sealSlip } from "../../protocol/privacy/key-slip.ts";
import type { FillRandom } from "../../protocol/privacy/random-bits.ts";
import type { KeySlips } from "../store/key-slips.ts";

/** @param slips Where the key's wrappings go; the key itself goes nowhere. @param random Cryptographically secure, save in tests. */
export interface SealUpdateParameters {
  readonly update: Int16Array;
  readonly context: EnvelopeContext;
  readonly register: EscrowRegister;
  readonly slips: KeySlips;
  readonly random: FillRandom;
}

/** Encrypts a committed update to the readers of its federation: what a site hands out after the seal in privacy mode B. */
export async function sealUpdate({ update, context, register, slips, random }: SealUpdateParameters): Promise<Uint8Array> {
  const { bytes, id, objectKey } = await sealEnvelope(bytesOf(update), context, keyIdsOf(register), random);
  await slips.put(id, encodeSlip(await sealSlip(objectKey, id, register.recipients.map(({ publicKey }) => publicKey))));
  objectKey.fill(0);
  return bytes;
}
