import path from "node:path";
import { formatEther, parseEther, parseGwei } from "viem";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { startRelay } from "../relay/start.ts";
import { loopbackHost, loopbackOrigin } from "../service/app.ts";
import { openServiceKey } from "../service/key.ts";
import { openLedger, openSigner, usage, type LedgerOptions, type SignerOptions } from "./context.ts";

export interface RelayOptions extends LedgerOptions, SignerOptions {
  readonly port: number;
  readonly perDay: string;
  readonly perOrganisation: string;
  readonly perAccount: string;
  readonly maxGas: number;
  readonly maxGasPrice: string;
  readonly origin?: readonly string[] | undefined;
  readonly host?: readonly string[] | undefined;
}

/** Serves a relay until it is told to stop. */
export async function relay(options: RelayOptions, { out, err }: Streams, stop: AbortSignal): Promise<number> {
  const { kernel, workspace } = await openLedger(options);
  const dir = path.join(workspace.dir, "relay");
  const account = options.account === undefined && options.keystore === undefined ? await openServiceKey(path.join(dir, "key")) : await openSigner(options, kernel);
  const budget = {
    perDay: coins(options.perDay),
    perOrganisation: coins(options.perOrganisation),
    perAccount: coins(options.perAccount),
    gas: BigInt(options.maxGas),
    gasPrice: parseGwei(options.maxGasPrice),
  };
  const { origin = [], host = [] } = options;
  const service = await startRelay({
    kernel,
    dir,
    account,
    budget,
    port: options.port,
    rules: {
      allowsOrigin: (asked) => (origin.length === 0 ? loopbackOrigin(asked) : origin.includes(asked)),
      allowsHost: (asked) => loopbackHost(asked) || host.includes(asked),
      now: () => Date.now() / 1000,
      warn: (message) => void err.write(`${message}\n`),
    },
  });
  try {
    const balance = await kernel.client.getBalance({ address: account.address });
    if (options.json) out.write(envelope(true, { url: service.url, relay: account.address, balance }));
    err.write(`\nRelay at ${service.url}, paying from ${account.address} (${formatEther(balance)} coins), at most ${options.perDay} a day. ${service.url}/budget shows what is left. Ctrl-C stops.\n`);
    await new Promise<void>((resolve) => (stop.aborted ? resolve() : stop.addEventListener("abort", () => resolve(), { once: true })));
  } finally {
    await service.close();
  }
  return EXIT.ok;
}

function coins(text: string): bigint {
  if (!/^\d{1,12}(\.\d{1,18})?$/.test(text)) throw usage(`${text} is no amount.`, "Write an amount of the chain's coin, such as 0.05.");
  return parseEther(text);
}
