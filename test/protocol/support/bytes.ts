import { createHash } from "node:crypto";
import type { FillRandom } from "../../../protocol/privacy/random-bits.ts";

/** A stream of bytes that only its seed decides: SHA-256 in counter mode. For tests alone. */
export function seededBytes(seed: string | number): FillRandom {
  let counter = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; at += 32) {
      const block = createHash("sha256").update(`${seed}/${counter++}`).digest();
      bytes.set(block.subarray(0, bytes.length - at), at);
    }
  };
}
