// Rounds a minute with four operators, and what one round takes alone. Their services are in this process, each with its own folder, store, key and purse, and speak over HTTP:
// four processes more on one machine would measure its processors.
import { setTimeout as sleep } from "node:timers/promises";
import { handOver } from "../../test/scripts/oracle/support.ts";
import { startPeersWorld, type PeersWorld } from "../../test/scripts/oracle/peers-world.ts";
import type { Made } from "../../test/scripts/oracle/aggregator.ts";
import type { Metric } from "../metric.ts";
import { median, rounded, roundsOf, smallRounds } from "./ledger.ts";

const ALONE = 4;
const AHEAD = 20;
/** As the local network looks. */
const POLL = 250;
const PATIENCE = 180_000;

export async function run(): Promise<Metric[]> {
  const there = await startPeersWorld(await smallRounds(2));
  try {
    const next = await roundsOf(there.there);
    const bundles: Made[] = [];
    for (let i = 0; i < ALONE + AHEAD; i++) bundles.push(await next());
    await there.startAll({ poll: POLL });

    const alone: number[] = [];
    for (const [i, made] of bundles.slice(0, ALONE).entries()) {
      const started = performance.now();
      await hand(there, i, made);
      await reported(there, made);
      alone.push((performance.now() - started) / 1000);
    }
    const ahead = bundles.slice(ALONE);
    const started = performance.now();
    for (const [i, made] of ahead.entries()) await hand(there, i, made);
    for (const made of ahead) await reported(there, made);
    const minutes = (performance.now() - started) / 60_000;
    for (const { report: { round } } of bundles) {
      const [seals, reports] = await there.effects(round);
      if (seals !== 1 || reports !== 1) throw new Error(`Round ${round} was sealed ${seals} times and reported ${reports} times.`);
    }
    return [
      { name: "oracle.operators4.rounds", value: rounded(AHEAD / minutes, 1), unit: "per min", better: "higher", target: 30, reference: `${AHEAD} rounds handed over ahead, until the last is reported; two seconds for each to be recomputed by four, agreed on twice and put into two blocks` },
      { name: "oracle.operators4.round.time", value: rounded(Math.max(...alone)), mean: rounded(alone.reduce((sum, one) => sum + one, 0) / ALONE), unit: "s", better: "lower", target: 10, reference: `worst of ${ALONE}, one at a time, from handing over to the report; median ${rounded(median(alone))}` },
    ];
  } finally {
    await there.close();
  }
}

async function hand({ services }: PeersWorld, turn: number, made: Made): Promise<void> {
  const answer = await handOver(services[turn % services.length]?.url ?? "", made);
  if (answer.status !== 202) throw new Error(`${answer.status} ${answer.message}`);
}

/** Asks the chain: that is where it has to be. */
async function reported({ there: { world } }: PeersWorld, { report: { round } }: Made): Promise<void> {
  for (const until = Date.now() + PATIENCE; ; await sleep(20)) {
    if (["Reported", "Final"].includes((await world.state(round)).name)) return;
    if (Date.now() > until) throw new Error(`Round ${round} was not reported in ${PATIENCE / 1000} s.`);
  }
}
