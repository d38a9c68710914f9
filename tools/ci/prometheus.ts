// Alerts and dashboard with the real things: promtool checks the rules and plays their tests, and a Prometheus scrapes a running oracle.
// Programs of the path, else Debian's package, unpacked into .chongwen/prometheus and not installed. Where neither can be had, it says that it was not run.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..", "..");
const place = path.join(root, ".chongwen", "prometheus");
/** Milliseconds for fetching the package. */
const PATIENCE = 60_000;

interface Programs {
  readonly prometheus: string;
  readonly promtool: string;
}

const runs = ({ prometheus, promtool }: Programs): boolean => [prometheus, promtool].every((program) => spawnSync(program, ["--version"]).status === 0);

function absent(why: string): null {
  console.log(`NOT RUN: alerts and dashboard were not tried in a real Prometheus: ${why}.`);
  return null;
}

/** @returns null, with the reason said, where they cannot be had. */
function find(): Programs | null {
  const installed = { prometheus: "prometheus", promtool: "promtool" };
  if (runs(installed)) return installed;
  const unpacked = { prometheus: path.join(place, "usr", "bin", "prometheus"), promtool: path.join(place, "usr", "bin", "promtool") };
  if (existsSync(unpacked.prometheus) && runs(unpacked)) return unpacked;
  mkdirSync(path.dirname(place), { recursive: true });
  const fetching = mkdtempSync(`${place}-`);
  try {
    const fetched = spawnSync("apt-get", ["download", "prometheus"], { cwd: fetching, encoding: "utf8", timeout: PATIENCE });
    if (fetched.error !== undefined) return absent("it is not installed, and this is no Debian that could fetch it in time");
    const file = readdirSync(fetching).find((name) => name.endsWith(".deb"));
    if (fetched.status !== 0 || file === undefined) return absent(`it is not installed, and its package cannot be had: ${fetched.stderr.trim().split("\n").at(-1) ?? ""}`);
    if (spawnSync("dpkg-deb", ["--extract", file, "root"], { cwd: fetching }).status !== 0) return absent("its package cannot be unpacked");
    rmSync(place, { recursive: true, force: true });
    renameSync(path.join(fetching, "root"), place);
  } finally {
    rmSync(fetching, { recursive: true, force: true });
  }
  return runs(unpacked) ? unpacked : absent("Debian's package does not run here");
}

function must(what: string, program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const { status } = spawnSync(program, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${what}: failed.`);
  console.log(`${what}: ok`);
}

const programs = find();
if (programs !== null) {
  must("The alerts' rules", programs.promtool, ["check", "rules", "deploy/oracle/alerts.yml"]);
  must("The alerts' tests", programs.promtool, ["test", "rules", "deploy/oracle/alerts.test.yml"]);
  must("A Prometheus that scrapes an oracle", process.execPath, ["--test", "--test-timeout=180000", "test/scripts/oracle/service/prometheus.long.test.ts"], { CHONGWEN_PROMETHEUS: programs.prometheus });
}
