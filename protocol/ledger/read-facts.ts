import type { Address } from "viem";
import { pointsVaultAbi } from "../abi/index.ts";
import { contractsOf, type LedgerChain } from "./chain.ts";
import type { LedgerFacts } from "./facts.ts";
import { readFreezes } from "./read-freezes.ts";
import { readGenesis } from "./read-genesis.ts";
import { readRounds } from "./read-rounds.ts";
import { readSettlements } from "./read-settlements.ts";
import { withinScope, type Scope } from "./scope.ts";

const NO_ADDRESS: Address = `0x${"00".repeat(20)}`;

/** Blocks that are read. */
export interface Range {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/**
 * All that an audit takes from the chain.
 * @param scope Seats and payees, most of the work, are read for these rounds and settlements only.
 * @throws federation-unknown, chain-incomplete
 */
export async function readFacts(chain: LedgerChain, federation: number, scope: Scope = {}): Promise<LedgerFacts> {
  const { client, deployment } = chain;
  const { treasury, vaultAt } = contractsOf(deployment);
  const block = await client.getBlock({ blockTag: "latest" });
  const range = { fromBlock: deployment.fromBlock, toBlock: block.number };
  const genesis = await readGenesis(chain, federation, range);
  const vault = await client.readContract({ ...treasury, functionName: "vaultOf", args: [federation] });
  const settlements = await readSettlements(chain, federation, range, scope);
  const inScope = withinScope(scope, settlements);
  return {
    format: "chongwen-ledger",
    version: 1,
    asOf: { block: block.number, timestamp: Number(block.timestamp) },
    deployment,
    federation,
    genesis,
    rounds: await readRounds(chain, { federation, genesisConfig: genesis.configHash, range, withSeats: inScope.round }),
    settlements,
    freezes: await readFreezes(chain, federation, range, inScope),
    vault,
    rewardsRoot: vault === NO_ADDRESS ? `0x${"00".repeat(32)}` : await client.readContract({ ...vaultAt(vault), functionName: "rewardsRoot" }),
    credited: await client.readContract({ ...treasury, functionName: "creditedOf", args: [federation] }),
    points: await readPoints(chain, federation, vault, range),
    claims: await readClaims(chain, vault, range),
    datasets: await readDatasets(chain),
  };
}

async function readClaims({ client, deployment }: LedgerChain, vault: Address, range: Range): Promise<LedgerFacts["claims"]> {
  if (vault === NO_ADDRESS) return [];
  const logs = await client.getContractEvents({ ...contractsOf(deployment).vaultAt(vault), eventName: "Claimed", ...range, strict: true });
  return logs.map(({ args: { index, payee, recipient, amount, cumulative } }) => ({ index, payee, recipient, amount, cumulative }));
}

async function readPoints({ client, deployment }: LedgerChain, federation: number, vault: Address, range: Range): Promise<LedgerFacts["points"]> {
  const { treasury } = contractsOf(deployment);
  if (!(await client.readContract({ ...treasury, functionName: "inPoints", args: [federation] }))) return null;
  const rate = await client.readContract({ ...treasury, functionName: "rateOf", args: [federation] });
  const logs = await client.getContractEvents({ address: vault, abi: pointsVaultAbi, eventName: "PointsPaid", ...range, strict: true });
  return { rate, payments: logs.map(({ args: { index, points, paid } }) => ({ index, points, paid })) };
}

async function readDatasets({ client, deployment }: LedgerChain): Promise<LedgerFacts["datasets"]> {
  const { datasets } = contractsOf(deployment);
  const count = await client.readContract({ ...datasets, functionName: "datasetCount" });
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const [{ version, status }, { card }] = await Promise.all([
        client.readContract({ ...datasets, functionName: "datasetOf", args: [i + 1] }),
        client.readContract({ ...datasets, functionName: "termsOf", args: [i + 1] }),
      ]);
      return { dataset: i + 1, version, status, card };
    }),
  );
}
