import type { Hex } from "viem";

/** Models by root, those last used: the base of the next round is at hand, even when its bundle is not. */
export interface ModelCache {
  entries(): Iterable<readonly [Hex, Uint8Array]>;
  keep(root: Hex, model: Uint8Array): void;
}

/** @param limit Bytes kept. One model is kept however large it is. */
export function createModelCache(limit = 2 ** 28): ModelCache {
  const models = new Map<Hex, Uint8Array>();
  return {
    entries: () => models.entries(),
    keep(root, model) {
      models.delete(root);
      models.set(root, model);
      let total = [...models.values()].reduce((sum, { length }) => sum + length, 0);
      for (const [oldest, { length }] of models) {
        if (total <= limit || oldest === root) break;
        models.delete(oldest);
        total -= length;
      }
    },
  };
}
