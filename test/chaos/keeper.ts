// Starts a service again whenever it dies, as an init system does, and keeps the book of what it died of.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { OracleConfigInput } from "../../scripts/oracle/service/config.ts";
import type { ServiceOrders } from "./orders.ts";
import type { Life } from "./plan.ts";

export interface Keeper {
  /** Null while it is down. */
  url(): string | null;
  /** Ends of a process that nobody planned, with its last words. */
  readonly crashes: string[];
  /** Points at which it was killed; "at random" for those that had none. */
  readonly killed: string[];
  /** What it warned of, in all its lives. */
  readonly warnings: readonly string[];
  /** Lives in which the disk ran full, or the clock was wrong. */
  readonly suffered: string[];
  /** Whether it has its last life. */
  lives(): boolean;
  /** No more full disks and no more kills at random. Points that it has yet to get to stay deadly. */
  heal(): void;
  /** Kills what there is now. */
  kill(): void;
  /** How often its present process got to each point. */
  points(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

const PATIENCE = 250;
const PRELOAD = new URL("preload.ts", import.meta.url).href;
const CLI = path.resolve(import.meta.dirname, "..", "..", "scripts", "cli.ts");
/** Compiled code, so that a process that is started a thousand times reads it once. */
const CODE = path.join(os.tmpdir(), "chongwen-chaos-code");

export interface KeptService {
  readonly name: string;
  readonly config: OracleConfigInput;
  readonly lives: readonly Life[];
  readonly log: (line: string) => void;
}

export async function keepService({ name, config, lives, log }: KeptService): Promise<Keeper> {
  const crashes: string[] = [];
  const killed: string[] = [];
  const suffered: string[] = [];
  const warnings: string[] = [];
  let child: ChildProcess | null = null;
  let url: string | null = null;
  let turn = 0;
  let healed = false;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let exited: Promise<void> = Promise.resolve();
  const file = path.join(config.dir, "..", `${name.replaceAll(" ", "-")}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(config));

  async function live(): Promise<void> {
    const planned = lives[Math.min(turn, lives.length - 1)] as Life;
    const life = healed ? { ...planned, full: null, skew: 0, killAfter: null } : planned;
    const orders: ServiceOrders = { die: life.die, full: life.full, skew: life.skew, folders: { service: config.dir, store: config.store.dir ?? config.dir } };
    const born = spawn(process.execPath, ["--import", PRELOAD, CLI, "oracle", "--config", file], {
      stdio: ["ignore", "ignore", "pipe", "ipc"], env: { ...process.env, NODE_COMPILE_CACHE: CODE, CHAOS_ORDERS: JSON.stringify(orders) },
    });
    child = born;
    let words = "";
    createInterface(born.stderr as Readable).on("line", (line) => {
      words = `${words}${line}\n`.slice(-4_000);
      const said = read(line);
      if (said.level !== "info" && said.level !== "debug") {
        log(`${name}: ${said.msg ?? line}`);
        warnings.push(said.msg ?? line);
      }
      if (said.msg !== "serving" || said.url === undefined || child !== born) return;
      url = said.url;
      log(`${name}: serves ${url}`);
    });
    if (life.full !== null) suffered.push("disk full");
    if (life.skew !== 0) suffered.push("clock skew of the machine");
    if (life.killAfter !== null) {
      timer = setTimeout(() => {
        killed.push("at random");
        born.kill("SIGKILL");
      }, life.killAfter);
    }
    exited = new Promise((resolve) => {
      born.on("exit", (code, signal) => {
        clearTimeout(timer);
        const served = url !== null;
        url = null;
        child = null;
        resolve();
        if (stopping) return;
        log(`${name}: ended (${signal ?? code})`);
        if (signal === "SIGKILL") {
          if (life.die !== null) killed.push(life.die.point);
          turn++;
        } else {
          const last = words.trim().split("\n").slice(-12).join("\n");
          // What cannot start says so and is started again; what dies while it serves is broken.
          if (served || healed) crashes.push(`${name} ended with ${signal ?? code}: ${last}`);
          if (life.full !== null) turn++;
        }
        setTimeout(() => void (stopping ? undefined : live()), signal === "SIGKILL" ? 0 : PATIENCE);
      });
    });
  }

  await live();
  return {
    crashes, killed, suffered, warnings,
    url: () => url,
    lives: () => turn >= lives.length - 1,
    heal() {
      healed = true;
      clearTimeout(timer);
      child?.send?.("heal");
    },
    kill: () => void child?.kill("SIGKILL"),
    points: () =>
      new Promise((resolve) => {
        if (child === null) return resolve({});
        child.on("message", (message: { readonly points?: Readonly<Record<string, number>> }) => message.points && resolve(message.points));
        child.send("points");
      }),
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const last = child;
      last?.kill("SIGTERM");
      const late = setTimeout(() => {
        crashes.push(`${name} does not stop when it is told to.`);
        last?.kill("SIGKILL");
      }, 10_000);
      await exited;
      clearTimeout(late);
    },
  };
}

interface Line {
  readonly level?: string;
  readonly msg?: string;
  readonly url?: string;
}

/** A line of its log; what is none is a last word. */
function read(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {};
  }
}
