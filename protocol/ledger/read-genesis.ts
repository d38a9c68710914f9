import { ChongwenError } from "../errors.ts";
import { contractsOf, type LedgerChain } from "./chain.ts";
import type { LedgerFacts } from "./facts.ts";
import type { Range } from "./read-facts.ts";

/** What a federation was created with. @throws federation-unknown */
export async function readGenesis({ client, deployment }: LedgerChain, federation: number, range: Range): Promise<LedgerFacts["genesis"]> {
  const { rounds } = contractsOf(deployment);
  const [created] = await client.getContractEvents({ ...rounds, eventName: "FederationCreated", args: { federation }, ...range, strict: true });
  if (created === undefined) {
    const count = await client.readContract({ ...rounds, functionName: "federationCount" });
    throw new ChongwenError({
      code: "federation-unknown",
      message: `There is no federation ${federation}; this ledger has ${count}.`,
      fix: "Name another with --federation.",
    });
  }
  const { configHash, genesisHash, modelRoot, artefact } = created.args;
  return { configHash, reportHash: genesisHash, modelRoot, artefact };
}
