// A service is killed at the moment at which its seal was broadcast, and started again: until it is ready, and until the round is reported.
import { setTimeout as sleep } from "node:timers/promises";
import { handOver, startOracleWorld } from "../../test/scripts/oracle/support.ts";
import { startRpcProxy } from "../../test/support/rpc-proxy.ts";
import type { Metric } from "../metric.ts";
import { median, rounded, roundsOf, smallRounds } from "./ledger.ts";
import { configure, start } from "./service.ts";

const REPETITIONS = 5;
const PATIENCE = 60_000;

export async function run(): Promise<Metric[]> {
  const there = await startOracleWorld(await smallRounds(100));
  const proxy = await startRpcProxy(there.world.kernel.rpcUrl);
  const ready: number[] = [];
  const reported: number[] = [];
  let service: Awaited<ReturnType<typeof start>> | null = null;
  try {
    const config = await configure(there, { endpoints: { urls: [proxy.url] } });
    const next = await roundsOf(there);
    service = await start(config);
    for (let i = 0; i < REPETITIONS; i++) {
      const made = await next();
      const { round } = made.report;
      const killed = Promise.withResolvers<void>();
      const doomed = service;
      // The chain has the transaction; the service never hears of it.
      proxy.behave(async ({ method }, ask) => {
        const answer = await ask();
        if (method !== "eth_sendRawTransaction" || (await there.world.state(round)).name !== "Sealed") return answer;
        await doomed.kill();
        killed.resolve();
        return "hang";
      });
      const answer = await handOver(service.url, made);
      if (answer.status !== 202) throw new Error(`${answer.status} ${answer.message}`);
      await killed.promise;
      proxy.behave((_, ask) => ask());
      const started = performance.now();
      service = await start(config);
      ready.push((performance.now() - started) / 1000);
      for (const until = Date.now() + PATIENCE; (await there.world.state(round)).name === "Sealed"; await sleep(10)) {
        if (Date.now() > until) throw new Error(`Round ${round} was not reported after the service came back.`);
      }
      reported.push((performance.now() - started) / 1000);
    }
  } finally {
    await service?.kill();
    await proxy.close();
    await there.close();
  }
  const metric = (name: string, values: readonly number[], target: number, what: string): Metric => ({
    name: `oracle.recovery.${name}`, value: rounded(Math.max(...values)), mean: rounded(values.reduce((sum, one) => sum + one, 0) / values.length), unit: "s", better: "lower", target,
    reference: `worst of ${REPETITIONS} from the start of the process, killed when its seal was broadcast; median ${rounded(median(values))}; ${what}`,
  });
  return [metric("ready", ready, 5, "so that a probe every ten seconds fails once at most"), metric("reported", reported, 10, "the shortest window of the local ledger is 120 s")];
}
