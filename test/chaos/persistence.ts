// Stands between a service and its disk: counts every write, dies at the one it is told, and can run out of space. It wraps the calls of Node, not those of the
// product, so a write that is added tomorrow is a kill point tomorrow. To be imported before the product.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { DatabaseSync, StatementSync, type SQLInputValue, type StatementResultingChanges } from "node:sqlite";

export interface Dying {
  readonly point: string;
  /** The how-manieth time it gets there; from 1. */
  readonly time: number;
}

/** From the how-manieth write on, and for how many, the disk is full. */
export interface FullDisk {
  readonly from: number;
  readonly lasts: number;
}

export interface Orders {
  readonly die: Dying | null;
  readonly full: FullDisk | null;
}

let orders: Orders = { die: null, full: null };
let roots: readonly (readonly [name: string, dir: string])[] = [];
let writes = 0;
const counts = new Map<string, number>();

/** @param named Folders by the names that points are to have. */
export function obey(given: Orders, named: Readonly<Record<string, string>>): void {
  orders = given;
  roots = Object.entries(named);
}

/** There is room again. */
export const relieve = (): void => void (orders = { ...orders, full: null });

export const pointsReached = (): Readonly<Record<string, number>> => Object.fromEntries(counts);

/** The service got to a point at which a crash is different from one before. */
export function reached(point: string): void {
  const time = (counts.get(point) ?? 0) + 1;
  counts.set(point, time);
  if (orders.die?.point === point && orders.die.time === time) process.kill(process.pid, "SIGKILL");
}

function full(): boolean {
  writes++;
  return orders.full !== null && writes >= orders.full.from && writes < orders.full.from + orders.full.lasts;
}

/** Where it lies, without what differs from run to run. Null: none of the service's. */
function placeOf(file: unknown): string | null {
  const whole = path.resolve(String(file));
  for (const [name, dir] of roots) {
    const inside = path.relative(dir, whole);
    if (inside.startsWith("..") || path.isAbsolute(inside)) continue;
    return `${name}/${inside.split(path.sep)[0]?.replace(/^0x[0-9a-f]+$|^[A-Z2-7]{2}$|\.[0-9a-f-]{36}(?=\.(part|new)$)/, "") ?? ""}`;
  }
  return null;
}

async function around<Result>(what: string, file: unknown, work: () => Promise<Result>, takesSpace = true): Promise<Result> {
  const place = placeOf(file);
  if (place === null) return work();
  reached(`before ${what} ${place}`);
  if (takesSpace && full()) throw Object.assign(new Error(`ENOSPC: no space left on device, ${what}`), { code: "ENOSPC", errno: -28, syscall: what });
  const result = await work();
  reached(`after ${what} ${place}`);
  return result;
}

const disk = fs.promises;
const original = { rename: disk.rename, rm: disk.rm, mkdir: disk.mkdir, writeFile: disk.writeFile, open: disk.open, unlink: disk.unlink };

disk.rename = (from, to) => around("rename", to, () => original.rename(from, to));
disk.rm = (file, options) => around("rm", file, () => original.rm(file, options), false);
disk.unlink = (file) => around("rm", file, () => original.unlink(file), false);
disk.mkdir = ((dir: string, options?: fs.MakeDirectoryOptions) => around("mkdir", dir, () => original.mkdir(dir, options))) as typeof disk.mkdir;
disk.writeFile = (file, data, options) => around("write", file, () => original.writeFile(file, data, options));
disk.open = async (file, flags, mode) => {
  const handle = await original.open(file, flags, mode);
  if (flags === undefined || flags === "r" || typeof flags === "number") return handle;
  const { write, writeFile, sync, datasync } = handle;
  return Object.assign(handle, {
    write: (...args: Parameters<typeof write>) => around("write", file, () => write.apply(handle, args)),
    writeFile: (...args: Parameters<typeof writeFile>) => around("write", file, () => writeFile.apply(handle, args)),
    sync: () => around("sync", file, () => sync.call(handle)),
    datasync: () => around("sync", file, () => datasync.call(handle)),
  });
};
syncBuiltinESMExports();

const fullDatabase = (): Error => Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13, errstr: "database or disk is full" });

/** "update bundles sealed": the statement and, where it sets one, the state. */
function statementOf(sql: string, values: readonly unknown[] = []): string | null {
  const found = /^\s*(insert(?: or \w+)? into|update|delete from)\s+(\w+)/i.exec(sql);
  if (found === null) return null;
  const state = /set state = \?/i.test(sql) && typeof values[0] === "string" ? ` ${values[0]}` : "";
  return `${found[1]?.split(" ")[0]?.toLowerCase()} ${found[2]}${state}`;
}

const run = StatementSync.prototype.run as (this: StatementSync, ...values: SQLInputValue[]) => StatementResultingChanges;
StatementSync.prototype.run = function (this: StatementSync, ...values: SQLInputValue[]): StatementResultingChanges {
  const what = statementOf(this.sourceSQL, values);
  if (what === null) return run.apply(this, values);
  reached(`before ${what}`);
  if (full()) throw fullDatabase();
  const result = run.apply(this, values);
  reached(`after ${what}`);
  return result;
} as typeof StatementSync.prototype.run;
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
  const what = /^\s*commit/i.test(sql) ? "commit" : statementOf(sql);
  if (what === null) return exec.call(this, sql);
  reached(`before ${what}`);
  if (full()) throw fullDatabase();
  exec.call(this, sql);
  reached(`after ${what}`);
};
