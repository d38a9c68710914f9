import { hashInto } from "@chainsafe/as-sha256";

/**
 * Hashes consecutive 64-byte blocks of `input` with SHA-256 into consecutive 32-byte slots of `output`
 * (`output.length = input.length / 2`). Injected, so that Node programs can pass a native implementation:
 * `hashInto` of `@chainsafe/hashtree` has exactly this shape.
 */
export type HashPairs = (input: Uint8Array, output: Uint8Array) => void;

/** The default: `@chainsafe/as-sha256`, WebAssembly with SIMD where there is SIMD; runs in Node and in browsers. */
export const wasmHashPairs: HashPairs = hashInto;
