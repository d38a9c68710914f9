/** Four operators, each with its own oracle: its own folder, store, key and purse. They know each other by name, and what lies between them can be cut, slowed and bent. */
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Address, Hex, LocalAccount } from "viem";
import { decodeBundleStatus, type BundleState, type BundleStatus } from "../../../protocol/handover/bundle-status.ts";
import type { SettlementStatement } from "../../../protocol/index.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { createTransactor } from "../../../scripts/chain/transactor.ts";
import { openOracleJournal, type SignedStatement } from "../../../scripts/oracle/journal.ts";
import { createOracle, type Oracle, type OracleParameters } from "../../../scripts/oracle/oracle.ts";
import { decodeAsked } from "../../../scripts/oracle/peers/messages.ts";
import type { PeersParameters } from "../../../scripts/oracle/peers/peers.ts";
import { createDiskStore, type ArtefactStore } from "../../../scripts/store/index.ts";
import { ask, startOracleWorld, TOKEN, type OracleWorld } from "./support.ts";

/** What becomes of a request: null lets it through. */
export type Between = (from: number, to: number, url: URL, init: RequestInit) => Promise<Response> | null;

export interface Service {
  readonly index: number;
  readonly account: LocalAccount;
  readonly store: ArtefactStore;
  readonly storeDir: string;
  readonly dir: string;
  url: string | null;
  running: Oracle | null;
}

export interface PeersWorld {
  readonly there: OracleWorld;
  /** In the order of the epoch. */
  readonly services: readonly [Service, Service, Service, Service];
  readonly warnings: string[];
  /** Lies between them from now on. */
  put(between: Between): void;
  start(service: Service, changes?: Partial<OracleParameters>, peers?: Partial<PeersParameters>): Promise<string>;
  startAll(changes?: Partial<OracleParameters>, peers?: Partial<PeersParameters>): Promise<void>;
  stop(service: Service): Promise<void>;
  stopAll(): Promise<void>;
  /** Whose turn it is to act on this round first. */
  first(round: number, attempt?: number): Service;
  /** Of a service that does not run. */
  signatures(service: Service): readonly SignedStatement[];
  /** Lets no request for a signature on a settlement through until the next `put`. @returns What the first proposer asked for, with the files that it proposes. */
  withheldSettlement(): Promise<{ readonly statement: SettlementStatement; readonly files: Map<string, Uint8Array> }>;
  /** Who has this artefact. */
  holderOf(artefact: Hex): Promise<Service>;
  /** Events of a round: seals and reports. */
  effects(round: number): Promise<readonly [seals: number, reports: number]>;
  close(): Promise<void>;
}

export const nameOf = (index: number): string => `http://operator-${index}.test`;
const through: Between = () => null;

export async function startPeersWorld(...changed: Parameters<typeof startOracleWorld>): Promise<PeersWorld> {
  const there = await startOracleWorld(...changed);
  const { kernel, dir, storeDir, federation } = there.world;
  const { number } = await kernel.operators.read.currentEpoch();
  const set = await kernel.operators.read.signersOf([number]);
  const accounts = [1, 2, 3, 4].map((i) => devAccount(i));
  const warnings: string[] = [];
  let between = through;
  const services = await Promise.all(set.map(async (address: Address, index): Promise<Service> => {
    const account = accounts.find((known) => known.address === address);
    if (account === undefined) throw new Error(`${address} is no operator of the tests.`);
    const place = path.join(dir, `operator-${index}`);
    await mkdir(place, { recursive: true });
    await cp(storeDir, path.join(place, "store"), { recursive: true });
    return { index, account, store: createDiskStore(path.join(place, "store")), storeDir: path.join(place, "store"), dir: path.join(place, "oracle"), url: null, running: null };
  })) as unknown as [Service, Service, Service, Service];

  /** Names are turned into addresses only now: services start in any order, and come back elsewhere. */
  const fetchOf = (from: number): typeof fetch => async (input, init = {}) => {
    const url = new URL(String(input));
    const to = services.findIndex(({ index }) => nameOf(index) === url.origin);
    const bent = between(from, to, url, init);
    if (bent !== null) return bent;
    const target = services[to]?.url;
    if (target === undefined || target === null) throw new TypeError("fetch failed");
    return fetch(`${target}${url.pathname}`, init);
  };

  async function start(service: Service, changes: Partial<OracleParameters> = {}, peers: Partial<PeersParameters> = {}): Promise<string> {
    const { account, index } = service;
    const others = services.filter((other) => other !== service).map((other) => ({ address: other.account.address, url: nameOf(other.index) }));
    service.running = await createOracle({
      kernel, transactor: createTransactor(kernel.client, kernel.rpcUrl), relayer: account, operators: [], store: service.store, federations: [{ federation }], dir: service.dir, token: TOKEN, port: 0, poll: 50,
      warn: (message) => void warnings.push(`${index}: ${message}`), ...changes,
      peers: { self: account, others, turn: 3_000, within: 20_000, look: 1_000, fetch: fetchOf(index), ...peers },
    }).start();
    service.url = service.running.url;
    return service.url ?? "";
  }
  async function stop(service: Service): Promise<void> {
    service.url = null;
    await service.running?.stop();
    service.running = null;
  }

  async function holderOf(artefact: Hex): Promise<Service> {
    for (const service of services) if (await service.store.has(artefact)) return service;
    throw new Error(`${artefact} is nowhere.`);
  }

  return {
    there, services, warnings, start, stop, holderOf,
    put: (next) => void (between = next),
    async withheldSettlement() {
      const statement = await new Promise<SettlementStatement>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`Nobody proposes a settlement:\n${warnings.join("\n")}`)), 120_000);
        between = (_, __, url, init) => {
          if (!url.pathname.endsWith("/signatures")) return null;
          const asked = decodeAsked(init.body as Uint8Array);
          if (asked.name !== "SettlementStatement") return null;
          clearTimeout(late);
          resolve(asked.value);
          return Promise.reject(new TypeError("fetch failed"));
        };
      });
      const bundle = await (await holderOf(statement.artefact)).store.open(statement.artefact);
      const files = await Promise.all((await bundle.list()).map(async (file) => [file, Uint8Array.from(await bundle.read(file))] as const));
      return { statement, files: new Map(files) };
    },
    async startAll(changes, peers) {
      await Promise.all(services.map(async (service) => start(service, changes, peers)));
    },
    async stopAll() {
      await Promise.all(services.map(stop));
    },
    first: (round, attempt = 0) => services.find(({ index }) => (round + attempt + index) % 4 === 0) ?? services[0],
    signatures(service) {
      const journal = openOracleJournal(path.join(service.dir, "oracle.sqlite"));
      try {
        return journal.signatures(federation);
      } finally {
        journal.close();
      }
    },
    async effects(round) {
      const range = { ...kernel.rounds, args: { federation, round }, fromBlock: 0n, strict: true } as const;
      const [sealed, reported] = await Promise.all([kernel.client.getContractEvents({ ...range, eventName: "RoundSealed" }), kernel.client.getContractEvents({ ...range, eventName: "RoundReported" })]);
      return [sealed.length, reported.length];
    },
    async close() {
      between = through;
      await Promise.all(services.map(async (service) => stop(service).catch(() => undefined)));
      await there.close();
    },
  };
}

/** Waits until a bundle, which may still be on its way there, is in one of these states. */
export async function arrive({ url, index }: Service, digest: Hex, ...states: readonly BundleState[]): Promise<BundleStatus> {
  for (const until = Date.now() + 60_000; ; await sleep(50)) {
    const answer = await ask(url ?? "", `/v1/bundles/${digest}`);
    const status = answer.status === 200 ? decodeBundleStatus(answer.bytes) : null;
    if (status !== null && states.includes(status.state)) return status;
    if (Date.now() > until) throw new Error(`At operator ${index}, ${digest} is ${status?.state ?? answer.code}, not ${states.join(" or ")}: ${JSON.stringify(status?.problem)}`);
  }
}

/** A request that never ends, unless it is given up. */
export const hanging = (init: RequestInit): Promise<Response> => new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(new Error("given up")), { once: true }));
