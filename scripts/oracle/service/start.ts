/** Puts the parts of the service together: how the chain is asked, who signs, what is checked before anything is, and what is told to whom. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseGwei, type Address, type LocalAccount } from "viem";
import type { Deployment } from "../../../protocol/deployment.ts";
import { connectKernel, type Kernel } from "../../chain/kernel.ts";
import { openOutboxJournal } from "../../chain/outbox/journal.ts";
import { createOutbox } from "../../chain/outbox/outbox.ts";
import { createDurableTransactor } from "../../chain/outbox/transactor.ts";
import { createProver } from "../../chain/proofs/prover.ts";
import { loopbackHost } from "../../service/app.ts";
import { listen } from "../../service/listen.ts";
import { createOracle, type ServedFederation } from "../oracle.ts";
import type { PeersParameters } from "../peers/peers.ts";
import { openQualityFolders } from "../quality/sources.ts";
import { openToken } from "../token.ts";
import { createCheckpoints, type Checkpoints } from "./checkpoint.ts";
import type { OracleConfig } from "./config.ts";
import { openEscrowKey } from "./escrow.ts";
import { openKey } from "./keys.ts";
import type { Log } from "./logs.ts";
import { createMetrics } from "./metrics.ts";
import { createMonitorApp } from "./monitor.ts";
import { observe } from "./observe.ts";
import { untilItWorks } from "./patience.ts";
import { probe } from "./probes.ts";
import { createReadiness } from "./readiness.ts";
import type { Secrets } from "./secrets.ts";
import { tend } from "./tend.ts";
import { openAccess } from "./transport.ts";
import { openArtefacts, upkeep } from "./upkeep.ts";

export interface ServiceParameters {
  /** Paths in it are absolute. */
  readonly config: OracleConfig;
  readonly deployment: Deployment;
  readonly secrets: Secrets;
  readonly log: Log;
  /** Ends the waiting for a chain that is not there yet. */
  readonly stop: AbortSignal;
}

export interface OracleService {
  readonly url: string;
  /** Of `/health`, `/ready` and `/metrics`. */
  readonly monitor: string;
  readonly operators: readonly Address[];
  readonly tokenFile: string;
  /** Takes nothing in any more, and finishes the step that is under way. @returns False when that took longer than it may: it goes on at the next start. */
  stop(): Promise<boolean>;
}

/** Runs when the service ends, the last one first. */
type Closer = () => Promise<unknown> | void;

/**
 * Starts the service. While the chain is away it waits, and says so at `/ready`.
 * @throws whatever the start checks refuse: chain-mismatch, ledger-missing, code-changed, checkpoint-contradicted; oracle-taken, outbox-busy, service-port-in-use
 */
export async function startOracleService({ config, deployment, secrets, log, stop }: ServiceParameters): Promise<OracleService> {
  const { dir, limits } = config;
  const now = (): number => Date.now() / 1000;
  const warnIn = (module: string) => {
    const child = log.child({ module });
    return (message: string) => child.warn(message);
  };
  const closers: Closer[] = [];
  const readiness = createReadiness();
  const metrics = createMetrics({ readiness, federations: config.federations, quota: limits.quotaBytes, now });
  const idleness = { since: null as number | null };

  async function close(): Promise<void> {
    for (const closer of closers.splice(0).reverse()) await closer();
  }

  async function start(): Promise<OracleService> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    if (config.store.dir !== undefined) await mkdir(config.store.dir, { recursive: true });
    const tokenFile = config.tokenFile ?? path.join(dir, "token");
    if (config.tokenFile === undefined) await openToken(tokenFile);
    const token = await secrets.read(tokenFile);
    const monitor = await listen(createMonitorApp({ readiness, idle: () => (idleness.since === null ? null : now() - idleness.since), metrics: metrics.scrape }), config.monitor.port, "The oracle's monitor");
    closers.push(() => monitor.close());

    const endpoints = config.endpoints ?? { urls: [deployment.rpcUrl], timeoutSeconds: 10, requestsPerMinute: 6_000 };
    for (const url of endpoints.urls) secrets.addUrl(url);
    const access = openAccess({ endpoints, warn: warnIn("endpoints"), happened: metrics.endpoint });
    const accounts: LocalAccount[] = [];
    for (const key of config.operators) accounts.push(await openKey(key, deployment.chainId, secrets));
    const payer = config.payer === undefined ? (accounts[0] as LocalAccount) : await openKey(config.payer, deployment.chainId, secrets);

    const waits = { warn: warnIn("start"), signal: stop };
    const kernel = await untilItWorks(() => connectKernel(deployment, access.name, access.transport), waits);
    const checkpoints = createCheckpoints({ file: path.join(dir, "checkpoint.json"), kernel, confirmations: limits.confirmations, now });
    await untilItWorks(() => checkpoints.verify(config.checkpoint), waits);
    await untilItWorks(() => sayWhoSigns(kernel, accounts, warnIn("start")), waits);

    const ended = new AbortController();
    const outboxJournal = openOutboxJournal(path.join(dir, "outbox", `${payer.address.toLowerCase()}.sqlite`), { chainId: deployment.chainId, account: payer.address });
    closers.push(() => outboxJournal.close());
    const outbox = createOutbox({
      client: kernel.client, account: payer, journal: outboxJournal, chainId: deployment.chainId, priceCap: parseGwei(limits.maxGasPriceGwei), depth: limits.confirmations, now, warn: warnIn("outbox"), happened: metrics.outbox,
    });
    // What a reorganisation takes back is sent again also while there is nothing new to send.
    const tending = new AbortController();
    const tended = tend(outbox, { pause: 2 * limits.pollMilliseconds, warn: warnIn("outbox"), signal: tending.signal });
    closers.push(() => {
      tending.abort();
      // An endpoint that hangs keeps nothing from ending.
      return Promise.race([tended, sleep(2_000, undefined, { ref: false })]);
    });
    const transactor = createDurableTransactor({ client: kernel.client, outboxes: [outbox], stop: ended.signal });

    for (const federation of config.federations) {
      const last = checkpoints.lastFinal(federation);
      if (last !== null) metrics.seen.lastFinal(federation, last.round, last.seenAt);
    }
    const observer = observe({ log, metrics: metrics.observer, checkpoints, turned: () => void (idleness.since = now()) });
    const { names } = config.listen;
    const oracle = await createOracle({
      kernel, transactor, relayer: payer, prover: createProver({ client: kernel.client, deployment, policy: config.proofs, warn: warnIn("proofs") }), store: await openArtefacts(config, deployment), token, observer, now,
      operators: accounts.map((account) => ({ account, signing: ({ name }) => observer.signed?.(name, true) })),
      federations: await served(config, kernel, secrets, warnIn("quality")),
      dir, port: config.listen.port, drop: config.drop ?? null, warn: warnIn("oracle"),
      poll: limits.pollMilliseconds, quota: limits.quotaBytes, mostHeld: limits.mostHeld, abandonAfter: limits.abandonAfterSeconds, keepWaiting: limits.keepWaitingSeconds, finalAfter: limits.confirmations,
      peers: peersOf(config, accounts),
      sessions: config.sessions === undefined ? null : { ...config.sessions, origin: config.sessions.origin?.replace(/\/+$/, "") ?? null },
      allowsHost: (asked) => loopbackHost(asked) || names.includes(asked.replace(/:\d{1,5}$/, "")),
    }).start();
    metrics.watch(oracle);
    idleness.since = now();
    readiness.set("service", null);

    const probes = new AbortController();
    const probing = probe({ kernel, payer: payer.address, dir, store: config.store, waiting: () => outbox.waiting().length, readiness, metrics, checkpoints, now, warn: warnIn("probes"), signal: probes.signal });
    const storeLog = log.child({ module: "store" });
    const keeping = upkeep({ kernel, config, now, said: (what, message) => storeLog.info(what, message), warn: (message) => storeLog.warn(message), signal: probes.signal });

    return {
      url: oracle.url ?? "",
      monitor: monitor.url,
      operators: accounts.map(({ address }) => address),
      tokenFile,
      async stop() {
        readiness.set("service", "It is stopping.");
        const timers = new AbortController();
        const after = (seconds: number) => sleep(seconds * 1000, false, { signal: timers.signal }).catch(() => false);
        const over = oracle.stop().then(() => true);
        // A transaction that still waits for its block is in the outbox; so is one that was never told to anybody.
        const finished = await Promise.race([over, after(limits.graceSeconds).then((late) => (ended.abort(), late))]) || (await Promise.race([over, after(2)]));
        timers.abort();
        probes.abort();
        // A sweep may be cut off anywhere: the next one goes on.
        await Promise.race([Promise.all([probing, keeping]), sleep(2_000, undefined, { ref: false })]);
        await keepLast(checkpoints);
        if (finished) await close();
        return finished;
      },
    };
  }

  try {
    return await start();
  } catch (error) {
    await close();
    throw error;
  }
}

/** What became certain since the last look; at the next start it is found again, so a chain that is silent now spoils nothing. */
async function keepLast(checkpoints: Checkpoints): Promise<void> {
  await Promise.race([checkpoints.keep(), sleep(2_000, undefined, { ref: false })]).catch(() => undefined);
}

/** With what the settlements of those rest on that are paid by quality, and the key to what is escrowed. */
async function served({ federations, quality, escrow, dir }: OracleConfig, kernel: Kernel, secrets: Secrets, warn: (message: string) => void): Promise<ServedFederation[]> {
  return Promise.all(
    federations.map(async (federation) => {
      const named = quality.find((known) => known.federation === federation);
      const key = escrow.find((known) => known.federation === federation);
      const reader = key === undefined ? null : await openEscrowKey(key, dir, secrets);
      const readerOf = () => reader;
      if (named === undefined) return { federation, readerOf };
      const { terms, points = null, holdouts = null } = named;
      return { federation, readerOf, quality: await openQualityFolders(kernel, { federation, terms, points, holdouts }, warn) };
    }),
  );
}

function peersOf({ peers }: OracleConfig, [self]: readonly LocalAccount[]): PeersParameters | null {
  if (peers === undefined || self === undefined) return null;
  const { others, turnSeconds, withinSeconds, lookSeconds } = peers;
  return { self, others, turn: turnSeconds * 1000, within: withinSeconds * 1000, look: lookSeconds * 1000 };
}

/** A key that is no operator's signs nothing that counts. It may become one: so it is said, and not refused. */
async function sayWhoSigns({ operators }: Kernel, accounts: readonly LocalAccount[], warn: (message: string) => void): Promise<void> {
  const { number } = await operators.read.currentEpoch();
  const set = await operators.read.signersOf([number]);
  for (const { address } of accounts) if (!set.includes(address)) warn(`${address} is no operator in epoch ${number}: its signatures do not count.`);
}
