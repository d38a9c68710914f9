/** Four operators on a local chain: rounds are trained and handed over to one of them, while something befalls another. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { ChongwenError } from "../../protocol/errors.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { devAccount } from "../chain/dev-accounts.ts";
import { startDevnet } from "../chain/devnet.ts";
import { readManifest } from "../chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../data/index.ts";
import { createSetting, type Setting } from "../federation/setting.ts";
import type { Progress } from "../output/progress.ts";
import { createDiskStore } from "../store/index.ts";
import { createOperatorClient, trainRound, type OperatorClient, type TrainedBundle } from "./aggregator.ts";
import { begin, describeFault, end, type PlannedFault } from "./faults.ts";
import { createOperator, type OperatorProcess } from "./operator.ts";
import { startWire, type Wire } from "./wire.ts";

export interface NetworkParameters {
  readonly root: string;
  readonly dir: string;
  /** Rounds in which nothing happens, before the faults; each of those has a round of its own. */
  readonly rounds: number;
  readonly faults: readonly PlannedFault[];
  /** False: goes on with rounds until it is stopped. */
  readonly once: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface NetworkRound {
  readonly round: number;
  readonly during: string | null;
  /** Operator that it was handed to. */
  readonly handedTo: number;
  readonly accuracy: number;
  /** From handing over to the report. */
  readonly seconds: number;
  readonly seals: number;
  readonly reports: number;
}

export interface NetworkReport {
  readonly ok: boolean;
  readonly operators: readonly { readonly number: number; readonly address: string }[];
  readonly rounds: readonly NetworkRound[];
  readonly promises: readonly { readonly what: string; readonly kept: boolean }[];
  readonly seconds: number;
}

const OPERATORS = [1, 2, 3, 4];
/** Seconds in which a round has to be reported, whatever befalls one operator. */
const PATIENCE = 120;

export async function runNetwork({ root, dir, rounds, faults, once, progress, signal }: NetworkParameters): Promise<NetworkReport> {
  const started = performance.now();
  const closers: (() => Promise<void>)[] = [];
  try {
    progress.heading("A local chain and four operators");
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true });
    const devnet = await startDevnet(0);
    closers.push(() => devnet.close());
    const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
    const genesis = path.join(dir, "genesis");
    // A seal waits for nothing here: what is shown is how operators agree.
    const federation = { ...manifest.federation, forceWindow: 0, challengeWindow: 5, reportWindow: 600 };
    const kernel = { ...manifest.kernel, rotationDelay: 5_000, unbondingPeriod: 60 * 2_000 };
    const setting = await createSetting({ rpcUrl: devnet.url, manifest: { ...manifest, kernel, federation }, store: createDiskStore(genesis), table: loadTable(DERMATOLOGY_PATH), seed: 1, progress });
    const token = randomBytes(24).toString("hex");
    const network = await startOperators({ dir, genesis, setting, token, progress, closers });
    return await play({ ...network, setting, token, rounds, faults, once, progress, signal, started });
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

interface Network {
  readonly operators: readonly OperatorProcess[];
  readonly wires: ReadonlyMap<string, Wire>;
}

async function startOperators({ dir, genesis, setting, token, progress, closers }: { readonly dir: string; readonly genesis: string; readonly setting: Setting; readonly token: string; readonly progress: Progress; readonly closers: (() => Promise<void>)[] }): Promise<Network> {
  const deployment = path.join(dir, "deployment.json");
  const tokenFile = path.join(dir, "token");
  await writeFile(deployment, JSON.stringify(setting.kernel.deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
  await writeFile(tokenFile, token, { mode: 0o600 });
  const operators: OperatorProcess[] = [];
  const wires = new Map<string, Wire>();
  closers.push(async () => {
    await Promise.all([...operators.map((operator) => operator.stop()), ...[...wires.values()].map((wire) => wire.close())]);
  });
  for (const number of OPERATORS) {
    const others = [];
    for (const other of OPERATORS.filter((one) => one !== number)) {
      const wire = await startWire(() => operators.find((one) => one.number === other)?.url() ?? null);
      wires.set(`${number}>${other}`, wire);
      others.push({ address: devAccount(other).address, url: wire.url });
    }
    operators.push(await createOperator({ number, address: devAccount(number).address, dir: path.join(dir, `operator-${number}`), deployment, federation: setting.federation, genesis, tokenFile, others, warn: (line) => progress.note(line) }));
  }
  await Promise.all(operators.map((operator) => operator.start()));
  for (const { number, address, url } of operators) progress.done(`operator ${number}, ${address}, serves ${url() ?? ""}`);
  return { operators, wires };
}

interface Play extends Network, Pick<NetworkParameters, "rounds" | "faults" | "once" | "progress" | "signal"> {
  readonly setting: Setting;
  readonly token: string;
  readonly started: number;
}

async function play({ operators, wires, setting, token, rounds, faults, once, progress, signal, started }: Play): Promise<NetworkReport> {
  const { federation, kernel } = setting;
  const clientOf = (number: number): OperatorClient => {
    const url = operators.find((operator) => operator.number === number)?.url() ?? null;
    if (url === null) throw new Error(`Operator ${number} is down.`);
    return createOperatorClient(url, token, federation);
  };
  const done: NetworkRound[] = [];
  const bundles: TrainedBundle[] = [];
  const promises: { what: string; kept: boolean }[] = [];
  const promise = (what: string, kept: boolean): void => {
    promises.push({ what, kept });
    progress.done(`${kept ? "✓" : "✗"} ${what}`);
  };
  const eventsOf = async (round: number) => {
    const range = { ...kernel.rounds, args: { federation, round }, fromBlock: kernel.deployment.fromBlock, strict: true } as const;
    const [sealed, reported] = await Promise.all([kernel.client.getContractEvents({ ...range, eventName: "RoundSealed" }), kernel.client.getContractEvents({ ...range, eventName: "RoundReported" })]);
    return { seals: sealed.length, reports: reported.length };
  };
  const stateOf = async (round: number): Promise<string> => ROUND_STATES[(await kernel.rounds.read.roundOf([federation, round])).state] ?? "None";

  /** Does something until it succeeds. @throws after a while, what failed last */
  async function patiently<Value>(what: string, work: () => Promise<Value | null>): Promise<Value> {
    let last: unknown = null;
    for (const until = Date.now() + PATIENCE * 1000; Date.now() < until; await sleep(250, undefined, { signal })) {
      const value = await work().catch((error: unknown) => ((last = error), null));
      if (value !== null) return value;
    }
    throw new ChongwenError({ code: "network-stuck", message: `${what} did not happen in ${PATIENCE} s.${last instanceof Error ? ` ${last.message}` : ""}`, fix: "Look at what the operators said above; their folders are kept.", cause: last });
  }

  /** Trains a round and hands it to an operator that is well. */
  async function playRound(handedTo: number, during: PlannedFault | null): Promise<void> {
    const open = await patiently("An open round", () => clientOf(handedTo).openRound());
    const bundle = await trainRound(setting, open, await patiently("The model", () => clientOf(handedTo).model(open.parent.round)));
    const from = performance.now();
    await patiently(`Handing over round ${open.round}`, () => clientOf(handedTo).handOver(bundle).then(() => true));
    await patiently(`The report of round ${open.round}`, async () => (["Reported", "Final"].includes(await stateOf(open.round)) ? true : null));
    const seconds = Math.round((performance.now() - from) / 100) / 10;
    bundles.push(bundle);
    done.push({ round: open.round, during: during === null ? null : describeFault(during), handedTo, accuracy: bundle.accuracy, seconds, ...(await eventsOf(open.round)) });
    progress.done(`round ${open.round}: handed to operator ${handedTo}, reported ${seconds} s later; ${(bundle.accuracy / 10_000).toFixed(1)} % of the holdout right`);
  }

  progress.heading("Rounds");
  for (let i = 0; i < rounds; i++) await playRound(OPERATORS[i % 4] ?? 1, null);
  for (const fault of faults) {
    progress.heading(`${describeFault(fault)[0]?.toUpperCase()}${describeFault(fault).slice(1)}`);
    await begin(fault, operators, wires);
    const well = OPERATORS.find((number) => number !== fault.operator) ?? 1;
    await playRound(well, fault);
    await end(fault, operators, wires);
    promise(`${describeFault(fault)}: the others agree, and the round is on the ledger once`, done.at(-1)?.seals === 1 && done.at(-1)?.reports === 1);
  }
  // Until Ctrl-C, which ends the waiting in it.
  if (!once) for (;;) await playRound(OPERATORS[done.length % 4] ?? 1, null);

  progress.heading("What stands on the ledger");
  const last = done.at(-1)?.round ?? 0;
  await patiently(`Round ${last} final`, async () => ((await stateOf(last)) === "Final" ? true : null));
  const counts = await Promise.all(done.map(({ round }) => eventsOf(round)));
  promise(`${done.length} rounds are final, each sealed once and reported once`, counts.every(({ seals, reports }) => seals === 1 && reports === 1));
  const due = Math.floor(done.length / setting.manifest.federation.settleEvery);
  const settled = await patiently(`Settlement ${due}`, async () => {
    const account = await kernel.settlement.read.accountOf([federation]);
    return account.state === 0 && account.nextIndex > due ? account : null;
  });
  promise(`${due} settlements are final, the last after ${settled.settledThrough} rounds`, settled.nextIndex === due + 1);
  const alike = await Promise.all(OPERATORS.map((number) => patiently(`Operator ${number} knows the open round`, () => clientOf(number).openRound())));
  promise("all four operators name the same open round and the same model", new Set(alike.map(({ round, parent }) => `${round} ${parent.reportHash}`)).size === 1);
  return { ok: promises.every(({ kept }) => kept), operators: operators.map(({ number, address }) => ({ number, address })), rounds: done, promises, seconds: Math.round((performance.now() - started) / 100) / 10 };
}
