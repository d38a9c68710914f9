import { expect } from "chai";
import type { BaseContract } from "ethers";

/** The call reverts with this custom error of this contract, and with these arguments if any are given. */
export async function refused(call: Promise<unknown>, contract: BaseContract, error: string, ...args: unknown[]): Promise<void> {
  const assertion = expect(call).to.be.revertedWithCustomError(contract, error);
  await (args.length === 0 ? assertion : assertion.withArgs(...args));
}
