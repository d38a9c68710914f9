// Flower's side of the federation: one SuperLink, a SuperNode a hospital, and the run.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Child, Children } from "./processes/children.ts";
import { waitForLine } from "./processes/log.ts";
import { environmentOf } from "./environment-of.ts";
import type { PythonEnvironment } from "./python/environment.ts";

/** Seconds until a process of Flower's is up. On an idle machine it takes 5. */
const PATIENCE = 120;

export interface SuperLink {
  readonly child: Child;
  readonly address: string;
  readonly home: string;
}

export interface SuperLinkParameters {
  readonly python: PythonEnvironment;
  readonly children: Children;
  readonly home: string;
  readonly port: number;
  /** For the server app, which it starts. */
  readonly env: Readonly<Record<string, string>>;
}

export async function startSuperLink({ python, children, home, port, env }: SuperLinkParameters): Promise<SuperLink> {
  await mkdir(home, { recursive: true });
  const address = `127.0.0.1:${port}`;
  await writeFile(path.join(home, "config.toml"), `[superlink]\ndefault = "local"\n\n[superlink.local]\naddress = "${address}"\ninsecure = true\n`);
  const child = children.start({
    name: "superlink", command: python.program("flower-superlink"), cwd: home, env: environmentOf(python, home, env),
    // On loopback only, so without TLS. Everything that the app needs is installed: it fetches nothing.
    args: ["--insecure", "--host", "127.0.0.1", "--port", String(port), "--disable-runtime-dependency-installation"],
  });
  await waitForLine(child, /Application startup complete/g, { seconds: PATIENCE });
  return { child, address, home };
}

export interface SuperNodeParameters {
  readonly python: PythonEnvironment;
  readonly children: Children;
  /** For people and for the log's name. */
  readonly name: string;
  readonly home: string;
  readonly port: number;
  readonly superlink: SuperLink;
  /** What the app reads as `context.node_config`. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a SuperNode; `superNodeUp` says when it is known to the SuperLink. */
export async function startSuperNode({ python, children, name, home, port, superlink, config, env }: SuperNodeParameters): Promise<Child> {
  await mkdir(home, { recursive: true });
  const nodeConfig = Object.entries(config).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return children.start({
    name, command: python.program("flower-supernode"), cwd: home, env: environmentOf(python, home, env),
    args: ["--insecure", "--superlink", superlink.address, "--host", "127.0.0.1", "--port", String(port), "--node-config", nodeConfig.join(" ")],
  });
}

const UP = /SuperNode ID: \d+/g;

/** @param times How often it has been started. */
export const superNodeUp = (node: Child, times = 1): Promise<void> => waitForLine(node, UP, { seconds: PATIENCE, times });

export interface RunParameters {
  readonly python: PythonEnvironment;
  readonly children: Children;
  readonly superlink: SuperLink;
  readonly app: string;
  /** Values of the app's configuration that differ. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
}

/** `flwr run`, as a user runs it: it ends with the run. */
export function startRun({ python, children, superlink, app, config }: RunParameters): Child {
  const overrides = Object.entries(config).flatMap(([key, value]) => ["--run-config", `${key}=${JSON.stringify(value)}`]);
  return children.start({
    name: "flwr-run", command: python.program("flwr"), cwd: app, env: environmentOf(python, superlink.home), args: ["run", app, "local", "--stream", ...overrides],
  });
}
