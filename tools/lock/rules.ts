// What package-lock.json must be like to install in one step on every platform and any Node from 20.
import path from "node:path";

type Versions = Readonly<Record<string, string>>;

interface Dependencies {
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
}

export interface Manifest extends Dependencies {
  readonly overrides?: Versions;
}

export interface LockEntry extends Dependencies {
  readonly resolved?: string;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  engines?: unknown;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** npm silently skips an optional package whose `engines` exclude the running Node, although we run it on another one.
 *  It reads them from the lock, so there they are taken out. Returns how many entries were changed. */
export function stripEngines(lock: Lock): number {
  const affected = optionalWithEngines(lock);
  for (const [, entry] of affected) delete entry.engines;
  return affected.length;
}

/** Everything that would make the lock fail, or install something else, somewhere else; as sentences. */
export function findProblems(lock: Lock, manifest: Manifest): string[] {
  return [
    ...optionalWithEngines(lock).map(([key]) => `${key} is optional and names engines: run \`npm run lock\`.`),
    ...missingOptional(lock),
    ...namedHosts(lock),
    ...differences(lock, manifest),
    ...inexactVersions(manifest),
  ];
}

function optionalWithEngines({ packages }: Lock): [string, LockEntry][] {
  return Object.entries(packages).filter(
    ([, entry]) => (entry.optional === true || entry.devOptional === true) && entry.engines !== undefined,
  );
}

// npm drops an optional dependency the registry does not carry; `npm ci` then refuses the lock on that platform.
function missingOptional({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([key, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !isReachable(packages, key, name))
      .map((name) => `${name}, wanted by ${key || "us"}, is not in the lock: choose a version with every platform.`),
  );
}

// Node's own lookup: the dependent's node_modules, then those of each package around it.
function isReachable(packages: Lock["packages"], dependent: string, name: string): boolean {
  if (path.posix.join(dependent, "node_modules", name) in packages) return true;
  if (dependent === "") return false;
  return isReachable(packages, dependent.slice(0, Math.max(0, dependent.lastIndexOf("/node_modules/"))), name);
}

function namedHosts({ packages }: Lock): string[] {
  return Object.entries(packages)
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([key]) => `${key} names a registry host: install with the .npmrc of this project.`);
}

function differences({ packages }: Lock, manifest: Manifest): string[] {
  const kinds = ["dependencies", "devDependencies", "optionalDependencies"] as const;
  return kinds
    .filter((kind) => canonical(packages[""]?.[kind]) !== canonical(manifest[kind]))
    .map((kind) => `${kind} of package.json and of the lock differ: run \`npm install\`, then \`npm run lock\`.`);
}

function canonical(versions: Versions = {}): string {
  return JSON.stringify(Object.entries(versions).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function inexactVersions(manifest: Manifest): string[] {
  const { dependencies, devDependencies, optionalDependencies, overrides } = manifest;
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} is asked for as "${version}": give one exact version.`);
}
