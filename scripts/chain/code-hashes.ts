import { keccak256, type Address, type Hex, type PublicClient } from "viem";
import { contractNames, type ContractName } from "../../protocol/deployment.ts";
import { ChongwenError } from "../../protocol/errors.ts";

/** What is to be done about a contract that is not what it was. */
export const CODE_FIX = "No contract of a ledger is ever replaced. Sign nothing; compare the deployment file with the one that governance published, and the endpoints with others.";

/** Keccak-256 of what runs at each address of a ledger. @throws code-changed when nothing does */
export async function readCodeHashes(client: PublicClient, contracts: Readonly<Record<ContractName, Address>>): Promise<Record<ContractName, Hex>> {
  const entries = contractNames.map(async (name) => {
    const code = await client.getCode({ address: contracts[name] });
    if (code === undefined) throw new ChongwenError({ code: "code-changed", message: `There is no contract at ${contracts[name]} (${name}).`, fix: CODE_FIX });
    return [name, keccak256(code)] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<ContractName, Hex>;
}
