import type { Address, Hex } from "viem";

/** What a transaction is to do. @param key Says what it is for, in logs and journals: "seal 1/7". */
export interface Intent {
  readonly key: string;
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
}

/** Wei for a unit of gas: what is bid at most, and what of it is the tip. */
export interface Fees {
  readonly price: bigint;
  readonly tip: bigint;
}

/** A signed transaction. Several attempts can share a nonce: at most one of them gets into a block. */
export interface Attempt extends Intent, Fees {
  readonly nonce: number;
  readonly hash: Hex;
  readonly raw: Hex;
  /** Seconds since 1970. */
  readonly sentAt: number;
}

/** The block that took it. */
export interface Inclusion {
  readonly hash: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly succeeded: boolean;
}
