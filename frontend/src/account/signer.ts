import type { Address, Hex, TypedDataDefinition } from "viem";

/** One call of a contract, ready to be signed. */
export interface SignedCall {
  readonly to: Address;
  readonly data: Hex;
  readonly value?: bigint;
}

/** Who acts: a wallet that the browser offers, or a passkey whose calls a relay pays for. */
export interface Signer {
  readonly kind: "wallet" | "passkey";
  readonly address: Address;
  /** False while a wallet is on another chain: it has to switch first. */
  readonly chainReady: boolean;
  /** All or none. A wallet takes one call at a time, a passkey several. @returns The transaction's hash */
  sendCalls(calls: readonly SignedCall[]): Promise<Hex>;
  signTypedData(typed: TypedDataDefinition): Promise<Hex>;
  /** EIP-191, for logins (EIP-4361). A contract account's signature is checked by its contract (ERC-1271, ERC-6492). */
  signMessage(message: string): Promise<Hex>;
}
