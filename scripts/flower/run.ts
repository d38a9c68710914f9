import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { memberAt } from "../../protocol/index.ts";
import { auditLedger } from "../../protocol/audit/audit.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { DERMATOLOGY_PATH } from "../data/index.ts";
import { claimAll } from "../federation/claim-all.ts";
import { claimWorkspace, openWorkspace } from "../federation/workspace.ts";
import type { Progress } from "../output/progress.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { evaluate } from "../trainer/evaluate.ts";
import { MISDEEDS } from "./app-copy.ts";
import { collectRounds } from "./collect.ts";
import { deploy, type Deployment } from "./deployment.ts";
import { startLedger, type Ledger } from "./ledger.ts";
import { createChildren } from "./processes/children.ts";
import { prepareEnvironment, type PythonEnvironment } from "./python/environment.ts";
import { claimRows, judge, type FlowerReport, type RoundReport } from "./report.ts";
import { awaitSettled } from "./settled.ts";
import { NO_STUDIES, runStudies } from "./studies.ts";

export interface FlowerParameters {
  readonly root: string;
  readonly dir: string;
  readonly rounds: number;
  readonly seed: number;
  /** A CSV instead of the shipped table. */
  readonly data?: string;
  readonly studies: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Prepares Python, starts a ledger, trains on processes of their own, settles, claims, audits, and judges all of it. */
export async function runFlower(parameters: FlowerParameters): Promise<FlowerReport> {
  const { root, dir, rounds, seed, progress } = parameters;
  // However it ends, whoever still waits for something stops waiting.
  const over = new AbortController();
  const signal = AbortSignal.any([parameters.signal, over.signal]);
  const clock = createClock();
  progress.heading("Setting up");
  const python = await prepareEnvironment({ root, dir: path.join(dir, "python"), purpose: "example", progress });
  const release = await claimWorkspace(dir);
  for (const part of ["hospitals", "aggregator", "app", "oracle", "logs"]) await rm(path.join(dir, part), { recursive: true, force: true });
  const children = await createChildren(path.join(dir, "logs"));
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Error("stopped"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  stopped.catch(() => undefined);
  /** Whatever is waited for, a process that ends unasked or Ctrl-C ends the waiting. */
  const guarded = <Value>(work: Promise<Value>): Promise<Value> => Promise.race([work, children.failed, stopped]);
  let ledger: Ledger | undefined;
  try {
    clock.done("python");
    const source = path.resolve(parameters.data ?? DERMATOLOGY_PATH);
    ledger = await guarded(startLedger({ root, workspace: openWorkspace(dir), source, rounds, seed, progress }));
    clock.done("ledger");
    progress.heading(`Federated rounds with Flower on ${ledger.setting.table.schema.title ?? ledger.setting.table.name}`);
    const deployment = await guarded(deploy({ root, dir, python, children, ledger, source, rounds, progress, signal }));
    clock.done("flower");
    // Beside the windows of the last rounds, in which nobody computes.
    const studying = parameters.studies ? runStudies({ root, dir, python, children }) : Promise.resolve(NO_STUDIES);
    studying.catch(() => undefined);
    const facts = await guarded(awaitSettled(ledger.setting, rounds, signal));
    progress.done(`${facts.rounds.length} rounds final, ${facts.settlements.length} settlements final`);
    const settled = await guarded(settle(ledger, deployment));
    await openWorkspace(dir).saveFacts(settled.facts);
    progress.done(`${settled.claims.length} hospitals claimed; audit: ${settled.audit.ok ? "everything recomputed and equal" : "DIFFERENCES FOUND"}, ${settled.audit.checked} comparisons`);
    for (const { entry, subject, message } of settled.audit.findings) progress.note(`${entry} ${subject}: ${message}`);
    clock.done("settlement");
    const studies = await guarded(studying);
    clock.done("studies");
    return judge({ ...evidenceOf(ledger, deployment, settled), studies, environment: { python: python.version, flower: await versionOf(python, "flwr") }, seconds: clock.read() }, { rounds, misdeeds: named(deployment) });
  } finally {
    over.abort();
    await children.close();
    await ledger?.close();
    await release();
  }
}

type Settled = Awaited<ReturnType<typeof settle>>;

/** Every hospital claims, and everything is recomputed from the artefacts. */
async function settle(ledger: Ledger, { sites, spool }: Deployment) {
  const { setting } = ledger;
  const { kernel, federation, store } = setting;
  const before = await auditLedger({ facts: await readFacts(kernel, federation), store, hashPairs: nativeHashPairs });
  const paid = await claimAll(setting, before.members, sites.length);
  const facts = await readFacts(kernel, federation);
  const audit = await auditLedger({ facts, store, hashPairs: nativeHashPairs });
  const claims = claimRows(paid, (seat) => memberAt(audit.members, seat)?.cumulative ?? 0n);
  return { facts, audit, claims, rounds: await collectRounds({ ledger, facts, sites, spool }) };
}

function evidenceOf({ setting }: Ledger, { sites, kill, processes }: Deployment, { audit, claims, rounds }: Settled) {
  const { split, table, model } = setting;
  const killed = rounds.find(({ round }) => round === kill.round);
  const back = rounds.find(({ round, contributors }) => round > kill.round && contributors.includes(kill.seat));
  return {
    data: { title: table.schema.title ?? table.name, hospitals: sites.map(({ name, seat, hospital }) => ({ name, seat, records: hospital.site.records.count })), holdout: split.holdout.records.count },
    processes, rounds, claims,
    kill: { ...kill, settledWith: killed?.contributors ?? [], backInRound: back?.round ?? null },
    accuracy: { before: evaluate(model, split.holdout.records).accuracy, deployed: lastAccuracy(rounds) },
    audit: { ok: audit.ok, checked: audit.checked },
  };
}

const lastAccuracy = (rounds: readonly RoundReport[]): number => rounds.at(-1)?.accuracy ?? 0;

const named = ({ misdeeds }: Deployment) => misdeeds.map(({ round, seat, misdeed }) => ({ round, seat, ...MISDEEDS[misdeed] }));

async function versionOf({ python }: PythonEnvironment, name: string): Promise<string> {
  const { stdout } = await promisify(execFile)(python, ["-I", "-c", "import sys; from importlib.metadata import version; print(version(sys.argv[1]))", name]);
  return stdout.trim();
}

type Part = keyof FlowerReport["seconds"];

/** How long each part took. */
function createClock() {
  const started = performance.now();
  let last = started;
  const seconds: Record<Part, number> = { python: 0, ledger: 0, flower: 0, settlement: 0, studies: 0, total: 0 };
  const rounded = (from: number): number => Math.round((performance.now() - from) / 100) / 10;
  return {
    done(part: Part) {
      seconds[part] = rounded(last);
      last = performance.now();
    },
    read: () => ({ ...seconds, total: rounded(started) }),
  };
}
