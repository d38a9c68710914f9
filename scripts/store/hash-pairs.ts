import { hashInto } from "@chainsafe/hashtree";
import type { HashPairs } from "../../protocol/index.ts";

/** SHA-256 of 64-byte blocks in native code: 50 MB to a root in about 0.2 s, five times as fast as WebAssembly. */
export const nativeHashPairs: HashPairs = hashInto;
