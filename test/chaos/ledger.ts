// What stands on the chain of a run, read without any endpoint in between.
import { ROUND_STATES, type RoundState } from "../../protocol/ledger/states.ts";
import type { ChaosWorld } from "./world.ts";

export interface RoundNow {
  readonly round: number;
  readonly state: RoundState;
  readonly deadline: number;
}

export async function readRounds({ setting: { kernel, federation } }: ChaosWorld, rounds: number): Promise<RoundNow[]> {
  return Promise.all(
    Array.from({ length: rounds }, async (_, i) => {
      const { state, deadline } = await kernel.rounds.read.roundOf([federation, i + 1]);
      return { round: i + 1, state: ROUND_STATES[state] ?? "None", deadline };
    }),
  );
}

export const readSettlement = ({ setting: { kernel, federation } }: ChaosWorld) => kernel.settlement.read.accountOf([federation]);

/** How often each effect is on the chain, by a name that says which. */
export async function countEffects({ setting: { kernel, federation } }: ChaosWorld): Promise<Readonly<Record<string, number>>> {
  const range = { fromBlock: kernel.deployment.fromBlock, strict: true, args: { federation } } as const;
  const { client, rounds, settlement, treasury } = kernel;
  const [seals, reports, finals, proposals, settled, credits] = await Promise.all([
    client.getContractEvents({ ...rounds, eventName: "RoundSealed", ...range }),
    client.getContractEvents({ ...rounds, eventName: "RoundReported", ...range }),
    client.getContractEvents({ ...rounds, eventName: "RoundFinalised", ...range }),
    client.getContractEvents({ ...settlement, eventName: "SettlementProposed", ...range }),
    client.getContractEvents({ ...settlement, eventName: "SettlementFinalised", ...range }),
    client.getContractEvents({ ...treasury, eventName: "Credited", ...range }),
  ]);
  const names = [
    ...seals.map(({ args }) => `seal of round ${args.round}`),
    ...reports.map(({ args }) => `report of round ${args.round}: ${args.reportHash}`),
    ...finals.map(({ args }) => `end of round ${args.round}`),
    ...proposals.map(({ args }) => `proposal of settlement ${args.index}`),
    ...settled.map(({ args }) => `end of settlement ${args.index}: ${args.rewardsRoot}, ${args.distributed}`),
    ...credits.map(({ args }) => `credit of ${args.amount} to ${args.total}, ${args.rewardsRoot}`),
  ];
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
