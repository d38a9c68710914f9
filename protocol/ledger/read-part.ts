import { contractsOf, type LedgerChain } from "./chain.ts";
import type { LedgerPart } from "./facts.ts";
import { readGenesis } from "./read-genesis.ts";
import { readRounds } from "./read-rounds.ts";
import { readSettlements } from "./read-settlements.ts";

/**
 * What an operator needs about a few rounds. It costs as much after the ten-thousandth round as after the first.
 * @param wanted Rounds that are read with their seats; their parents come without. None, when only the settlements are wanted.
 * @returns Of the settlements the last final one and the one that is proposed, without payees.
 * @throws federation-unknown, chain-incomplete
 */
export async function readPart(chain: LedgerChain, federation: number, wanted: readonly number[]): Promise<LedgerPart> {
  const { client, deployment } = chain;
  const { rounds, settlement, treasury } = contractsOf(deployment);
  const { number: toBlock } = await client.getBlock({ blockTag: "latest" });
  const range = { fromBlock: deployment.fromBlock, toBlock };
  const [genesis, { nextIndex }, vault, standing] = await Promise.all([
    readGenesis(chain, federation, range),
    client.readContract({ ...settlement, functionName: "accountOf", args: [federation] }),
    client.readContract({ ...treasury, functionName: "vaultOf", args: [federation] }),
    Promise.all(wanted.map(async (round) => client.readContract({ ...rounds, functionName: "roundOf", args: [federation, round] }))),
  ]);
  const named = new Set(wanted);
  const only = [...new Set([...wanted, ...standing.map(({ parentRound }) => parentRound)])].filter((round) => round > 0).toSorted((a, b) => a - b);
  return {
    deployment,
    federation,
    genesis,
    rounds: await readRounds(chain, { federation, genesisConfig: genesis.configHash, range, only, withSeats: (round) => named.has(round) }),
    settlements: await readSettlements(chain, federation, range, { rounds: [] }, [nextIndex - 1, nextIndex]),
    vault,
  };
}
