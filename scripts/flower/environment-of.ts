import path from "node:path";
import type { PythonEnvironment } from "./python/environment.ts";

/** What a machine's processes may know of ours. */
const INHERITED = ["LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "TZ"] as const;

/**
 * The environment of one party's processes: a home of its own, nothing of another's, and nothing that talks to the outside.
 * @param home Also where Flower keeps what it installs and knows.
 */
export function environmentOf(python: PythonEnvironment, home: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return {
    ...inherited,
    PATH: [python.bin, process.env["PATH"] ?? ""].join(path.delimiter),
    VIRTUAL_ENV: python.dir,
    HOME: home,
    FLWR_HOME: home,
    FLWR_TELEMETRY_ENABLED: "0",
    FLWR_DISABLE_UPDATE_CHECK: "1",
    HF_HUB_OFFLINE: "1",
    HF_DATASETS_OFFLINE: "1",
    PYTHONNOUSERSITE: "1",
    PYTHONUNBUFFERED: "1",
    // Everybody is on this machine, whatever proxy its owner has set up.
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
    NO_COLOR: "1",
    // A dozen processes share the processors: one thread each.
    OMP_NUM_THREADS: "1",
    OPENBLAS_NUM_THREADS: "1",
    ...more,
  };
}
