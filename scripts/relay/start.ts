import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseEther, parseGwei, type LocalAccount } from "viem";
import type { Kernel } from "../chain/kernel.ts";
import type { ServiceRules } from "../service/app.ts";
import { listen, listenSomewhere, type RunningService } from "../service/listen.ts";
import type { Budget } from "./budget.ts";
import { openRelayJournal } from "./journal.ts";
import { createRelaySender } from "./sender.ts";
import { createRelayApp } from "./server.ts";

/** Small: enough for some dozens of people joining in a day at ordinary prices. */
export const DEFAULT_BUDGET: Budget = {
  perDay: parseEther("0.05"),
  perOrganisation: parseEther("0.02"),
  perAccount: parseEther("0.005"),
  gas: 1_000_000n,
  gasPrice: parseGwei("20"),
};

export interface RelayStart {
  readonly kernel: Kernel;
  /** Folder of its journal. */
  readonly dir: string;
  /** Pays. Nobody else may send from it. */
  readonly account: LocalAccount;
  readonly budget: Budget;
  readonly port: number;
  /** Another port when that one is taken. */
  readonly anyPort?: boolean;
  readonly rules: Pick<ServiceRules, "allowsHost" | "allowsOrigin" | "now" | "warn">;
}

const PAUSE = 2000;

/** Serves, and looks every few seconds what became of what it sent. */
export async function startRelay({ kernel, dir, account, budget, port, anyPort = false, rules }: RelayStart): Promise<RunningService> {
  const journal = openRelayJournal(path.join(dir, "relay.sqlite"));
  try {
    const sender = createRelaySender({ client: kernel.client, account, journal, budget, now: rules.now, warn: rules.warn });
    const app = createRelayApp({ kernel, journal, sender, budget, rules });
    const server = await (anyPort ? listenSomewhere : listen)(app, port, "The relay");
    const stop = new AbortController();
    const watching = (async () => {
      while (!stop.signal.aborted) {
        await sender.tend().catch((error: unknown) => rules.warn(`relay: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`));
        await setTimeout(PAUSE, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    })();
    return {
      url: server.url,
      async close() {
        stop.abort();
        await server.close();
        await watching;
        journal.close();
      },
    };
  } catch (error) {
    journal.close();
    throw error;
  }
}
