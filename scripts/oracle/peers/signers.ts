import type { Address } from "viem";
import type { Kernel } from "../../chain/kernel.ts";

/** The operators of the current epoch, in their order. */
export interface SignerSet {
  read(): Promise<readonly Address[]>;
}

/** @param clock Milliseconds. @param hold Milliseconds for which they are not asked again: who leaves is refused that much later. */
export function createSignerSet({ operators }: Pick<Kernel, "operators">, clock: () => number, hold = 2_000): SignerSet {
  let known: { readonly at: number; readonly set: Promise<readonly Address[]> } | null = null;
  async function ask(): Promise<readonly Address[]> {
    const { number } = await operators.read.currentEpoch();
    return operators.read.signersOf([number]);
  }
  return {
    read() {
      if (known === null || clock() - known.at >= hold) {
        const asked = { at: clock(), set: ask() };
        known = asked;
        // A failure is not kept.
        asked.set.catch(() => {
          if (known === asked) known = null;
        });
      }
      return known.set;
    },
  };
}
