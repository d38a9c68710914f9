import { contractsOf, type LedgerChain } from "./chain.ts";
import type { FreezeFacts } from "./freezes.ts";
import type { Range } from "./read-facts.ts";
import type { ScopeTest } from "./scope.ts";

/** When the council froze a federation, and what was sealed, reported or made final in all that time: for whoever wants to see that nothing was while it was frozen. */
export async function readFreezes({ client, deployment }: LedgerChain, federation: number, range: Range, inScope: ScopeTest): Promise<FreezeFacts> {
  const { freezes, rounds } = contractsOf(deployment);
  const ofRounds = { ...rounds, args: { federation }, ...range, strict: true } as const;
  const [until, changed, decided] = await Promise.all([
    client.readContract({ ...rounds, functionName: "frozenUntil", args: [federation] }),
    client.getContractEvents({ ...ofRounds, eventName: "FederationFrozen" }),
    client.getContractEvents({ ...freezes, eventName: "FreezeDecided", args: { federation }, ...range, strict: true }),
  ]);
  if (changed.length === 0) return { until, changes: [], moves: [] };
  const [sealed, reported, finalised] = await Promise.all([
    client.getContractEvents({ ...ofRounds, eventName: "RoundSealed" }),
    client.getContractEvents({ ...ofRounds, eventName: "RoundReported" }),
    client.getContractEvents({ ...ofRounds, eventName: "RoundFinalised" }),
  ]);
  const moves = [
    ...sealed.map((log) => ({ log, move: "sealed" as const })),
    ...reported.map((log) => ({ log, move: "reported" as const })),
    ...finalised.map((log) => ({ log, move: "final" as const })),
  ].filter(({ log }) => inScope.round(log.args.round));
  const times = new Map<bigint, Promise<number>>();
  const timeOf = (block: bigint): Promise<number> => {
    const known = times.get(block) ?? client.getBlock({ blockNumber: block }).then(({ timestamp }) => Number(timestamp));
    times.set(block, known);
    return known;
  };
  const placed = async ({ blockNumber, logIndex }: { readonly blockNumber: bigint; readonly logIndex: number }) => ({ block: blockNumber, logIndex, at: await timeOf(blockNumber) });
  return {
    until,
    changes: await Promise.all(
      changed.map(async (log) => {
        // `Freezes` says why, and tells the ledger at once.
        const why = decided.find(({ blockNumber, logIndex }) => blockNumber === log.blockNumber && logIndex === log.logIndex - 1);
        return { ...(await placed(log)), until: Number(log.args.until), reason: why?.args.reasonHash ?? null };
      }),
    ),
    moves: (await Promise.all(moves.map(async ({ log, move }) => ({ ...(await placed(log)), round: log.args.round, move })))).sort((a, b) => Number(a.block - b.block) || a.logIndex - b.logIndex),
  };
}
