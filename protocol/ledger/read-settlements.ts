import type { Address, Hex } from "viem";
import { statementHash } from "../eip712/hash.ts";
import { ChongwenError } from "../errors.ts";
import { QUALITY_V1 } from "../rewards/scoring.ts";
import { contractsOf, type LedgerChain } from "./chain.ts";
import type { SettlementFacts } from "./facts.ts";
import type { Range } from "./read-facts.ts";
import { readQuality } from "./read-quality.ts";
import { isWhole, type Scope } from "./scope.ts";

/** Every settlement that stands; payees of those in scope only. @param only Nothing is asked of the others. */
export async function readSettlements(chain: LedgerChain, federation: number, range: Range, scope: Scope, only?: readonly number[]): Promise<SettlementFacts[]> {
  const { client, deployment } = chain;
  const { rounds, settlement } = contractsOf(deployment);
  const configured = { ...rounds, args: { federation }, ...range, strict: true } as const;
  const [created, reconfigured, proposed, account] = await Promise.all([
    client.getContractEvents({ ...configured, eventName: "FederationCreated" }),
    client.getContractEvents({ ...configured, eventName: "FederationReconfigured" }),
    client.getContractEvents({ ...settlement, args: only === undefined ? { federation } : { federation, index: [...only] }, ...range, strict: true, eventName: "SettlementProposed" }),
    client.readContract({ ...settlement, functionName: "accountOf", args: [federation] }),
  ]);
  const whole = isWhole(scope);
  const byQuality = [...created, ...reconfigured].some(({ args }) => args.config.scoringId === QUALITY_V1);
  const latest = new Map(proposed.map((log) => [log.args.index, log]));
  // One that was overturned and not proposed again is not on the ledger any more.
  const standing = [...latest.values()].filter(({ args }) => args.index < account.nextIndex || account.state !== 0);
  return Promise.all(
    standing.map(async ({ args }): Promise<SettlementFacts> => ({
      index: args.index,
      state: args.index < account.nextIndex ? "Final" : "Proposed",
      firstRound: args.statement.firstRound,
      lastRound: args.statement.lastRound,
      statementHash: statementHash(args.statement),
      rewardsRoot: args.statement.rewardsRoot,
      pool: args.pool,
      distributed: args.statement.distributed,
      total: args.statement.total,
      artefact: args.statement.artefact,
      deadline: Number(args.deadline),
      payees: whole || args.index === scope.settlement ? await readPayees(chain, federation, args.statement.lastReportHash) : [],
      quality: byQuality && (whole || args.index === scope.settlement) ? await readQuality(chain, args.statement) : null,
    })),
  );
}

/**
 * Who is paid by a settlement, by seat: the payees at the deadline of the last final round that it covers. The registry remembers them all, so the present
 * state answers, and everyone reads the same once that second is over. The seats are those granted up to the block of that round's report: all that can
 * have scored, and never fewer than in the settlement before.
 */
export async function readPayees({ client, deployment }: LedgerChain, federation: number, lastReportHash: Hex): Promise<Address[]> {
  const { contributors, rounds, seats } = contractsOf(deployment);
  const { fromBlock } = deployment;
  const reports = await client.getContractEvents({ ...rounds, eventName: "RoundReported", args: { federation }, fromBlock, strict: true });
  const report = reports.findLast(({ args }) => args.reportHash === lastReportHash);
  if (report === undefined) {
    throw new ChongwenError({ code: "chain-incomplete", message: `The endpoint has no report ${lastReportHash}.`, fix: "Use an endpoint with full history (--rpc).", retryable: true });
  }
  const granted = await client.getContractEvents({ ...seats, eventName: "SeatGranted", args: { federation }, fromBlock, toBlock: report.blockNumber, strict: true });
  return Promise.all(granted.map(({ args }) => client.readContract({ ...contributors, functionName: "payeeAt", args: [args.contributor, report.args.deadline] })));
}
