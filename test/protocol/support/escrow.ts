import { createRegister, type EscrowRegister, keyIdsOf, type Recipient } from "../../../protocol/privacy/escrow.ts";
import { createEscrowReader, type EscrowReader } from "../../../protocol/privacy/escrow-reader.ts";
import { type EnvelopeContext, sealEnvelope } from "../../../protocol/privacy/envelope.ts";
import { deriveEscrowKey, encodeSlip, type EscrowKey, sealSlip } from "../../../protocol/privacy/key-slip.ts";
import type { Hex } from "../../../protocol/index.ts";
import { seededBytes } from "./bytes.ts";

/** Two operators and an auditor, with their keys. */
export interface Escrow {
  readonly keys: Readonly<Record<"first" | "second" | "auditor" | "stranger", EscrowKey>>;
  readonly register: EscrowRegister;
  readonly publicKeys: readonly Hex[];
  readonly slips: Map<Hex, Uint8Array>;
  readerOf(key: EscrowKey): EscrowReader;
  /** Seals as a site does; the slip goes where readers look. */
  seal(payload: Uint8Array, context: EnvelopeContext, seed?: string): Promise<{ readonly bytes: Uint8Array; readonly id: Hex; readonly objectKey: Uint8Array }>;
}

export const accountOf = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;

export async function makeEscrow(): Promise<Escrow> {
  const keyOf = (n: number): Promise<EscrowKey> => deriveEscrowKey(new Uint8Array(32).fill(n));
  const keys = { first: await keyOf(1), second: await keyOf(2), auditor: await keyOf(3), stranger: await keyOf(4) };
  const recipient = (role: Recipient["role"], name: string, n: number, { publicKey }: EscrowKey): Recipient => ({ role, name, account: accountOf(n), publicKey });
  const register = createRegister([recipient("operator", "First", 1, keys.first), recipient("operator", "Second", 2, keys.second), recipient("auditor", "Auditor", 3, keys.auditor)]);
  const publicKeys = register.recipients.map(({ publicKey }) => publicKey);
  const slips = new Map<Hex, Uint8Array>();
  return {
    keys, register, publicKeys, slips,
    readerOf: (key) => createEscrowReader(key, async (id) => await Promise.resolve(slips.get(id) ?? null)),
    async seal(payload, context, seed = "seal") {
      const sealed = await sealEnvelope(payload, context, keyIdsOf(register), seededBytes(`${seed} ${context.seat}`));
      slips.set(sealed.id, encodeSlip(await sealSlip(sealed.objectKey, sealed.id, publicKeys)));
      return sealed;
    },
  };
}
