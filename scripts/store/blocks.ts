import type { CID } from "multiformats/cid";

/** Where blocks are read from. Nothing it gives is trusted: every block is hashed again by {@link Walk}. */
export interface BlockSource {
  /** What to call this source in messages. */
  readonly name: string;
  /**
   * The bytes kept under a content identifier, or undefined if there are none. At most `most + 1` bytes: one too many
   * is enough to know. Throws `StoreUnavailable` if it cannot tell.
   */
  getBlock(cid: CID, most: number): Promise<Uint8Array | undefined>;
  /** Whether there is a block under this content identifier. */
  hasBlock(cid: CID): Promise<boolean>;
  /** Where the block lies, for messages: a block file, an address. */
  locate(cid: CID): string;
}

/** Where blocks are written to. */
export interface BlockSink {
  put(cid: CID, bytes: Uint8Array): Promise<void>;
}
