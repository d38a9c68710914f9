import { decodeFunctionData, toFunctionSelector, type Abi, type AbiFunction, type Hex, type PublicClient } from "viem";

/**
 * Finds a call inside a transaction's calldata: at its start, or anywhere in it when another contract passed it on. What is found is a candidate: the
 * caller compares its hash with the ledger's.
 * @returns Arguments of every place where the call can be read, likeliest first.
 */
export function callsIn(input: Hex, abi: Abi | readonly unknown[], functionName: string): readonly (readonly unknown[])[] {
  const item = (abi as Abi).find((entry): entry is AbiFunction => entry.type === "function" && entry.name === functionName);
  if (item === undefined) return [];
  const selector = toFunctionSelector(item).slice(2);
  const found: (readonly unknown[])[] = [];
  const hex = input.slice(2).toLowerCase();
  for (let at = hex.indexOf(selector); at >= 0; at = hex.indexOf(selector, at + 1)) {
    if (at % 2 !== 0) continue;
    try {
      found.push((decodeFunctionData({ abi: [item], data: `0x${hex.slice(at)}` }).args ?? []) as readonly unknown[]);
    } catch {
      // Bytes that look like the selector.
    }
  }
  return found;
}

/** The arguments of a call that a transaction made, tested one by one. Null when none passes, or the endpoint has no such transaction. */
export async function findCall<Args>(
  client: PublicClient,
  hash: Hex,
  call: { readonly abi: Abi | readonly unknown[]; readonly functionName: string },
  accept: (args: readonly unknown[]) => Args | null,
): Promise<Args | null> {
  const { input } = await client.getTransaction({ hash });
  for (const args of callsIn(input, call.abi, call.functionName)) {
    const accepted = accept(args);
    if (accepted !== null) return accepted;
  }
  return null;
}
