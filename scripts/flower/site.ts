// One hospital: its data, its key, its signer and its SuperNode, in a folder of its own that no other party's process is told of.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Table } from "../data/table.ts";
import type { Hospital } from "../federation/setting.ts";
import { writeDataFolder } from "./data-folder.ts";
import { environmentOf } from "./environment-of.ts";
import { writeKeystore } from "./keystore.ts";
import type { Child, Children } from "./processes/children.ts";
import { waitForLine } from "./processes/log.ts";
import type { PythonEnvironment } from "./python/environment.ts";
import { startSuperNode, superNodeUp, type SuperLink } from "./superlink.ts";

/** What its operator calls the data. */
const DATASET = "clinic";

export interface SiteParameters {
  readonly python: PythonEnvironment;
  readonly children: Children;
  readonly hospital: Hospital;
  readonly seat: number;
  /** Of all sites. */
  readonly dir: string;
  /** For sockets: their paths have to be short. */
  readonly sockets: string;
  /** Of its SuperNode. */
  readonly port: number;
  readonly table: Table;
  /** The table's file. */
  readonly source: string;
}

/** What its signer's journal says. */
const journal = z.object({
  entries: z.array(z.object({ kind: z.string(), round: z.int().optional(), seat: z.int().optional(), code: z.string().optional(), message: z.string().optional(), fix: z.string().optional() })),
});
export type JournalEntry = z.infer<typeof journal>["entries"][number];

export interface Site {
  readonly name: string;
  readonly seat: number;
  readonly hospital: Hospital;
  /** Its operator reads the federation's terms and the app, and approves both. @param openRound File of the open round. */
  approve(openRound: string, app: string): Promise<void>;
  startSigner(): Promise<void>;
  /** Starts its SuperNode; again after it was ended. @param env What is different about it. */
  startNode(superlink: SuperLink, env?: Readonly<Record<string, string>>): Promise<Child>;
  /** Waits until its SuperNode has joined, as often as it was started. */
  joined(): Promise<void>;
  /** The SuperNode, once it was started. */
  node(): Child;
  /** What its operator can read. */
  readJournal(): Promise<readonly JournalEntry[]>;
}

const run = promisify(execFile);

/** Lays out the folder: the site's own rows and nobody else's, a keystore, a password. */
export async function prepareSite({ python, children, hospital, seat, dir, sockets, port, table, source }: SiteParameters): Promise<Site> {
  const letter = String.fromCharCode(65 + seat);
  const name = `hospital-${letter.toLowerCase()}`;
  const folder = path.join(dir, name);
  const [data, signer, home] = ["data", "signer", "flower"].map((part) => path.join(folder, part)) as [string, string, string];
  const password = path.join(folder, "password");
  const socket = path.join(sockets, `${letter.toLowerCase()}.sock`);
  for (const place of [signer, home]) await mkdir(place, { recursive: true, mode: 0o700 });
  await writeDataFolder(data, source, table, hospital.site.rows);
  const secret = randomBytes(16).toString("hex");
  await writeFile(password, `${secret}\n`, { mode: 0o600 });
  await writeKeystore(path.join(signer, "keystore.json"), hospital.keys.signer, secret);

  const env = environmentOf(python, folder);
  /** A command of the signer's operator. */
  async function operate(...args: readonly string[]): Promise<string> {
    try {
      return (await run(python.program("chongwen-signer"), [...args, "--home", signer, "--json"], { env, timeout: 120_000, maxBuffer: 16 * 1024 * 1024 })).stdout;
    } catch (error) {
      const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
      throw new ChongwenError({ code: "flower-signer-failed", message: `chongwen-signer ${args[0]} of ${name} failed:\n${said}`, fix: `Its directory is ${signer}.`, cause: error });
    }
  }

  let node: Child | undefined;
  let starts = 0;
  return {
    name, seat, hospital,
    async approve(openRound, app) {
      await operate("approve-federation", openRound, "--dataset", DATASET, "--seat", String(seat), "--yes");
      await operate("approve-app", app, "--dataset", DATASET, "--yes");
    },
    async startSigner() {
      const args = ["serve", "--home", signer, "--socket", socket, "--password-file", password];
      const child = children.start({ name: `${name}-signer`, command: python.program("chongwen-signer"), args, cwd: signer, env });
      await waitForLine(child, /signs at/g, { seconds: 60 });
    },
    async startNode(superlink, more = {}) {
      // The node trains for a ledger alone: its updates never leave the house unsigned.
      const config = { "partition-id": seat, "data-dir": data, "chongwen-signer": socket, "chongwen-require": true };
      node = await startSuperNode({ python, children, name: `${name}-supernode`, home, port, superlink, config, env: more });
      starts++;
      return node;
    },
    joined: () => superNodeUp(requireNode(), starts),
    node: requireNode,
    readJournal: async () => journal.parse(JSON.parse(await operate("log", "--limit", "1000"))).entries,
  };

  function requireNode(): Child {
    if (node === undefined) throw new Error(`${name} has no SuperNode yet.`);
    return node;
  }
}
