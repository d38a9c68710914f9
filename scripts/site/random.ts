import { randomFillSync } from "node:crypto";
import type { FillRandom } from "../../protocol/privacy/random-bits.ts";

/** The operating system's generator. */
export const cryptoRandom: FillRandom = (bytes) => void randomFillSync(bytes);
