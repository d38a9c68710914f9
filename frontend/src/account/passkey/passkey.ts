import type { Hex } from "viem";
import type { Assertion, PasskeyPoint } from "../../../../protocol/accounts/assertion.ts";

/** A passkey that this device, or the person's other devices, can use. The private key never leaves them. */
export interface Passkey {
  /** Hex of what the browser calls its id. */
  readonly credential: Hex;
  readonly point: PasskeyPoint;
}

/** @param handle What the passkey was made with. */
export interface Signed extends Assertion {
  readonly credential: Hex;
  readonly handle: Hex | undefined;
}
