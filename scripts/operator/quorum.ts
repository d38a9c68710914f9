import type { Address, Hex, LocalAccount } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import { toCompactSignature, type Domain, type StructName, type Structs } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { signStruct } from "../chain/sign.ts";

/** `IOperators.Quorum`. */
export interface Quorum {
  readonly signers: number;
  readonly signatures: Hex;
}

/** One operator: it signs nothing that it has not checked itself. */
export interface Operator {
  readonly account: LocalAccount;
}

/** Throws when the operator must not sign. Each operator runs it for itself. */
export type Check = (operator: Operator) => Promise<void>;

/**
 * Collects signatures over a statement from the current epoch's operators until the threshold is met.
 * @throws quorum-missing when too few operators are here, or too many refused; the first refusal is its cause
 */
export async function collectQuorum<Name extends StructName>(
  kernel: Kernel,
  operators: readonly Operator[],
  statement: { readonly domain: Domain; readonly name: Name; readonly value: Structs[Name] },
  check: Check,
): Promise<Quorum> {
  const epoch = await kernel.operators.read.currentEpoch();
  const set = await kernel.operators.read.signersOf([epoch.number]);
  const byAddress = new Map<Address, Operator>(operators.map((operator) => [operator.account.address, operator]));

  let signers = 0;
  const signatures: string[] = [];
  const refusals: unknown[] = [];
  for (const [position, address] of set.entries()) {
    const operator = byAddress.get(address);
    if (operator === undefined || signatures.length === epoch.threshold) continue;
    try {
      await check(operator);
    } catch (refusal) {
      refusals.push(refusal);
      continue;
    }
    signatures.push(toCompactSignature(await signStruct(operator.account, statement.domain, statement.name, statement.value)).slice(2));
    signers |= 1 << position;
  }
  if (signatures.length < epoch.threshold) {
    const why = refusals[0] instanceof Error ? ` First refusal: ${refusals[0].message}` : "";
    throw new ChongwenError({
      code: "quorum-missing",
      message: `${signatures.length} of the ${epoch.threshold} operators needed signed the ${statement.name}; ${refusals.length} refused.${why}`,
      fix: "Correct what the operators refused, or bring more operators up.",
      retryable: true,
      cause: refusals[0],
    });
  }
  // `signers` is a uint32 on chain; bit 31 would be negative here.
  return { signers: signers >>> 0, signatures: `0x${signatures.join("")}` };
}
