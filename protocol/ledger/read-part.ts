import { contractsOf, type LedgerChain } from "./chain.ts";
import type { LedgerPart } from "./facts.ts";
import { readGenesis } from "./read-genesis.ts";
import { readRounds } from "./read-rounds.ts";
import { readSettlements } from "./read-settlements.ts";

/** Parents, and theirs: data are judged by what the round before a window had moved the model by. */
const GENERATIONS = 2;

/**
 * What an operator needs about a few rounds. It costs as much after the ten-thousandth round as after the first.
 * @param wanted Rounds that are read with their seats; their parents, and the parents of those, come without. None, when only the settlements are wanted.
 * @returns Of the settlements the last final one and the one that is proposed, without payees.
 * @throws federation-unknown, chain-incomplete
 */
export async function readPart(chain: LedgerChain, federation: number, wanted: readonly number[]): Promise<LedgerPart> {
  const { client, deployment } = chain;
  const { settlement, treasury } = contractsOf(deployment);
  const { number: toBlock } = await client.getBlock({ blockTag: "latest" });
  const range = { fromBlock: deployment.fromBlock, toBlock };
  const [genesis, { nextIndex }, vault, only] = await Promise.all([
    readGenesis(chain, federation, range),
    client.readContract({ ...settlement, functionName: "accountOf", args: [federation] }),
    client.readContract({ ...treasury, functionName: "vaultOf", args: [federation] }),
    withAncestors(chain, federation, wanted),
  ]);
  const named = new Set(wanted);
  return {
    deployment,
    federation,
    genesis,
    rounds: await readRounds(chain, { federation, genesisConfig: genesis.configHash, range, only, withSeats: (round) => named.has(round) }),
    settlements: await readSettlements(chain, federation, range, { rounds: [] }, [nextIndex - 1, nextIndex]),
    vault,
  };
}

async function withAncestors({ client, deployment }: LedgerChain, federation: number, wanted: readonly number[]): Promise<number[]> {
  const { rounds } = contractsOf(deployment);
  const found = new Set(wanted);
  let children = [...wanted];
  for (let generation = 0; generation < GENERATIONS; generation++) {
    const read = await Promise.all(children.map(async (round) => client.readContract({ ...rounds, functionName: "roundOf", args: [federation, round] })));
    children = [...new Set(read.map(({ parentRound }) => parentRound))].filter((round) => round > 0 && !found.has(round));
    for (const round of children) found.add(round);
  }
  return [...found].toSorted((a, b) => a - b);
}
