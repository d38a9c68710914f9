// Hospitals, SuperLink and run as processes: from an empty folder to the last round that was trained.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Progress } from "../output/progress.ts";
import { copyMisbehaving, misdeedsOf, planMisdeeds, type Planned } from "./app-copy.ts";
import { writeDataFolder } from "./data-folder.ts";
import { killDuringRound, slowIn, type Kill } from "./kill.ts";
import type { Ledger } from "./ledger.ts";
import type { Child, Children } from "./processes/children.ts";
import { lastLines, readLog, waitForLine } from "./processes/log.ts";
import { freePorts } from "./processes/ports.ts";
import type { PythonEnvironment } from "./python/environment.ts";
import { prepareSite, type Site } from "./site.ts";
import { startRun, startSuperLink } from "./superlink.ts";

export interface DeploymentParameters {
  readonly root: string;
  readonly dir: string;
  readonly python: PythonEnvironment;
  readonly children: Children;
  readonly ledger: Ledger;
  /** The table's file. */
  readonly source: string;
  readonly rounds: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Deployment {
  readonly sites: readonly Site[];
  readonly kill: Kill;
  readonly misdeeds: readonly Planned[];
  /** Where the aggregator keeps what it knows of its rounds. */
  readonly spool: string;
  /** Processes of Flower's and of the signers, as they were when the first round began. */
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** Seconds from `flwr run` to its end. */
  readonly seconds: number;
}

/** Seconds that a round may take until the next begins: one with a killed node takes a minute more, until Flower gives it up. */
const ROUND_PATIENCE = 300;
const FINISHED = /Strategy execution finished/;

/** The round in which a hospital loses its power. */
const KILL_ROUND = 2;

/** Tells of each round that begins, until the run is over. @throws flower-run-failed: `flwr run` itself ends well when its server app does not */
async function followRun(run: Child, rounds: number, progress: Progress, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const ended = run.ended.finally(() => over.abort());
  for (let round = 1; round <= rounds; round++) {
    const begins = new RegExp(`\\[ROUND ${round}/${rounds}\\]`, "g");
    const begun = waitForLine(run, begins, { seconds: ROUND_PATIENCE, signal: AbortSignal.any([signal, over.signal]) }).then(() => true);
    // Aborted because the run is over: then the log has it all, or something is wrong.
    if (await Promise.race([begun, ended.then(() => begins.test(readLog(run.log)))]).catch((error: unknown) => (over.signal.aborted ? false : Promise.reject(error)))) {
      progress.done(`round ${round} of ${rounds}: training`);
    }
  }
  await ended;
  if (FINISHED.test(readLog(run.log))) return;
  throw new ChongwenError({ code: "flower-run-failed", message: `The run ended before its ${rounds} rounds. Its last lines:\n${lastLines(run.log)}`, fix: `Read ${run.log} and superlink.log beside it.` });
}

/** Runs the example app on processes of their own. */
export async function deploy({ root, dir, python, children, ledger, source, rounds, progress, signal }: DeploymentParameters): Promise<Deployment> {
  const { setting, oracle, tokenFile } = ledger;
  const { table, split, federation } = setting;
  const app = await copyMisbehaving(root, path.join(root, "integrations", "flower", "examples", "skin"), path.join(dir, "app"));
  const misdeeds = planMisdeeds(rounds);
  const seated = setting.hospitals.flatMap((hospital) => (hospital.seat === null ? [] : [{ hospital, seat: hospital.seat }]));
  const [linkPort = 0, ...nodePorts] = await freePorts(1 + seated.length);
  const sockets = await mkdtemp(path.join(tmpdir(), "chongwen-"));
  try {
    const sites = await Promise.all(
      seated.map(({ hospital, seat }, i) => prepareSite({ python, children, hospital, seat, dir: path.join(dir, "hospitals"), sockets, port: nodePorts[i] ?? 0, table, source })),
    );
    const openRound = await ledger.saveOpenRound();
    for (const site of sites) await site.approve(openRound, app);
    await Promise.all(sites.map((site) => site.startSigner()));
    progress.done(`${sites.length} hospitals: each its own rows, keystore and signer; their operators approved the federation and the app`);

    const aggregator = path.join(dir, "aggregator");
    const holdout = path.join(aggregator, "holdout");
    await writeDataFolder(holdout, source, table, split.holdout.rows);
    const spool = path.join(aggregator, "spool");
    const env = { CHONGWEN_LEDGER: oracle.url, CHONGWEN_FEDERATION: String(federation), CHONGWEN_TOKEN_FILE: tokenFile, CHONGWEN_SPOOL: spool };
    const superlink = await startSuperLink({ python, children, home: path.join(aggregator, "flower"), port: linkPort, env });
    const victim = sites.at(-1);
    if (victim === undefined) throw new Error("A federation has hospitals.");
    for (const site of sites) await site.startNode(superlink, site === victim ? slowIn(KILL_ROUND) : misdeedsOf(misdeeds, site.seat));
    await Promise.all(sites.map((site) => site.joined()));
    const processes = children.running();
    progress.done(`SuperLink and ${sites.length} SuperNodes are up: ${processes.length} processes`);

    const started = performance.now();
    const run = startRun({ python, children, superlink, app, config: { "num-server-rounds": rounds, "holdout-dir": holdout, "min-nodes": 3 } });
    const killing = killDuringRound(victim, KILL_ROUND, superlink, signal).then((kill) => {
      progress.done(`${kill.hospital} was killed in the middle of round ${kill.round}, and started again`);
      return kill;
    });
    const [kill] = await Promise.all([killing, followRun(run, rounds, progress, signal)]);
    const seconds = (performance.now() - started) / 1_000;
    progress.done(`trained ${rounds} rounds in ${seconds.toFixed(0)} s`);
    return { sites, kill, misdeeds, spool, processes, seconds };
  } finally {
    await rm(sockets, { recursive: true, force: true });
  }
}
