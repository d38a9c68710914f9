import type { Address, Hex } from "viem";
import { ChongwenError } from "../errors.ts";
import { contractsOf, type LedgerChain } from "./chain.ts";
import type { RoundFacts } from "./facts.ts";
import { readForcedSigners } from "./forced-entries.ts";
import type { Range } from "./read-facts.ts";
import { isSupportSeat } from "../seats.ts";
import { ROUND_STATES } from "./states.ts";

interface RoundsQuestion {
  readonly federation: number;
  /** Hash of the first configuration. */
  readonly genesisConfig: Hex;
  readonly range: Range;
  /** Of the others nothing is asked; all, when it is not given. */
  readonly only?: readonly number[];
  /** Rounds whose seats are read. */
  readonly withSeats: (round: number) => boolean;
}

/** Rounds that were ever sealed, in their order. @throws chain-incomplete */
export async function readRounds(chain: LedgerChain, { federation, genesisConfig, range, only, withSeats }: RoundsQuestion): Promise<RoundFacts[]> {
  const { client, deployment } = chain;
  const { rounds } = contractsOf(deployment);
  const wanted = only ?? (await everyRound(chain, federation));
  if (wanted.length === 0) return [];
  const events = { ...rounds, args: only === undefined ? { federation } : { federation, round: [...only] }, ...range, strict: true } as const;
  const [sealed, reported, reconfigured] = await Promise.all([
    client.getContractEvents({ ...events, eventName: "RoundSealed" }),
    client.getContractEvents({ ...events, eventName: "RoundReported" }),
    client.getContractEvents({ ...events, args: { federation }, eventName: "FederationReconfigured" }),
  ]);
  return Promise.all(
    wanted.map(async (round): Promise<RoundFacts> => {
      const state = await client.readContract({ ...rounds, functionName: "roundOf", args: [federation, round] });
      const seal = sealed.findLast((log) => log.args.round === round);
      const report = reported.findLast((log) => log.args.round === round);
      if (seal === undefined) throw new ChongwenError({ code: "chain-incomplete", message: `The endpoint has no seal of round ${round}.`, fix: "Use an endpoint with full history (--rpc).", retryable: true });
      const name = knownState(state.state);
      const config = reconfigured.findLast((log) => log.blockNumber < seal.blockNumber || (log.blockNumber === seal.blockNumber && log.logIndex < seal.logIndex));
      return {
        round,
        state: name,
        attempt: state.attempt,
        parentRound: state.parentRound,
        configHash: config?.args.configHash ?? genesisConfig,
        entries: state.entries,
        accepted: state.accepted,
        seats: withSeats(round) ? await readSeatsOf(chain, federation, round, state, seal.blockNumber) : [],
        // A report that was overturned, or whose round is void, stands for nothing any more.
        report:
          report === undefined || (name !== "Reported" && name !== "Final")
            ? null
            : { ...report.args.report, reportHash: report.args.reportHash, deadline: Number(report.args.deadline) },
      };
    }),
  );
}

async function everyRound({ client, deployment }: LedgerChain, federation: number): Promise<number[]> {
  const { last } = await client.readContract({ ...contractsOf(deployment).rounds, functionName: "headOf", args: [federation] });
  return Array.from({ length: last }, (_, i) => i + 1);
}

function knownState(state: number): RoundFacts["state"] {
  const name = ROUND_STATES[state];
  if (name === undefined || name === "None") throw new ChongwenError({ code: "chain-incomplete", message: `A sealed round has state ${state}.`, fix: "Update this software, or use another endpoint (--rpc)." });
  return name;
}

/**
 * Seats with the keys that counted at a seal, or when an entry was forced in: asked of the state at that block, because the registry itself remembers only
 * the last change of a key.
 */
async function readSeatsOf(
  chain: LedgerChain,
  federation: number,
  round: number,
  { parentRound }: { readonly parentRound: number },
  sealBlock: bigint,
): Promise<RoundFacts["seats"]> {
  const { client, deployment } = chain;
  const { contributors, datasets, rounds, seats } = contractsOf(deployment);
  // The hash of the parent that the round pins. Of a replaced parent, the one that replaced it: then nothing of the round counts.
  const { hash } = await client.readContract({ ...rounds, functionName: "roundOf", args: [federation, parentRound] });
  const [forced, count, { timestamp }] = await Promise.all([
    readForcedSigners(chain, federation, round, hash),
    client.readContract({ ...seats, functionName: "seatCount", args: [federation] }),
    client.getBlock({ blockNumber: sealBlock }),
  ]);
  return Promise.all(
    Array.from({ length: count }, async (_, seat) => {
      const { contributor, dataset } = await client.readContract({ ...seats, functionName: "seatOf", args: [federation, seat] });
      // Whether a dataset is exempt never changes.
      const exempt = !isSupportSeat({ dataset }) && (await client.readContract({ ...datasets, functionName: "termsOf", args: [dataset] })).exempt;
      const keyAt = { ...contributors, functionName: "keyAt", args: [contributor, timestamp] } as const;
      const key: Address = forced.get(seat) ?? (await client.readContract({ ...keyAt, blockNumber: sealBlock }).catch(() => client.readContract(keyAt)));
      return { seat, key, exempt };
    }),
  );
}
