import path from "node:path";
import type { Services } from "../../protocol/deployment.ts";
import type { Kernel } from "../chain/kernel.ts";
import { startCustodian } from "../custodian/start.ts";
import { openFeedbackJournal } from "../feedback/journal.ts";
import { createFeedbackApp } from "../feedback/server.ts";
import { startLocalRelay } from "../relay/local.ts";
import { loopbackHost, loopbackOrigin } from "./app.ts";
import { openServiceKey } from "./key.ts";
import { createServiceLedger } from "./ledger.ts";
import { listenSomewhere } from "./listen.ts";

export interface LocalServices {
  /** For the deployment's `services`. */
  readonly addresses: Pick<Services, "custodian" | "feedback" | "relay">;
  close(): Promise<void>;
}

/**
 * The custodian's server, the feedback service and the relay of a local ledger. Pages on this machine may use them, whatever their port.
 * @param port Of the page: the services take others near it when those are free.
 */
export async function startLocalServices(kernel: Kernel, dir: string, port: number, warn: (message: string) => void): Promise<LocalServices> {
  const ledger = createServiceLedger(kernel);
  const rules = { allowsHost: loopbackHost, allowsOrigin: loopbackOrigin, now: () => Date.now() / 1000, warn };
  const journal = openFeedbackJournal(path.join(dir, "services", "feedback.sqlite"));
  const key = await openServiceKey(path.join(dir, "services", "feedback.key"));
  const feedback = await listenSomewhere(createFeedbackApp({ key, ledger, journal, rules }), port === 0 ? 0 : port + 6, "The feedback service");
  const custodian = await startCustodian({
    dir: path.join(dir, "services", "custodian"),
    name: { en: "The custodian of this demonstration", zh: "本演示的数据保管方" },
    ledger,
    rules,
    port: port === 0 ? 0 : port + 5,
    anyPort: true,
  });
  const relay = await startLocalRelay({ kernel, dir, port: port === 0 ? 0 : port + 9, rules });
  return {
    addresses: { custodian: custodian.url, feedback: feedback.url, relay: relay.url },
    async close() {
      await relay.close();
      await custodian.close();
      await feedback.close();
      journal.close();
    },
  };
}
