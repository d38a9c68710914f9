// The promise of `npm run network -- --once --json`, taken at its word: one JSON document on standard output, each fault in a round of its own, and every promise in it kept.
import { spawnSync } from "node:child_process";

import { z } from "zod";

const FAULTS = ["--kill", "2", "--slow", "3", "--lie", "4", "--partition", "1"];
const Report = z.object({
  ok: z.literal(true),
  operators: z.array(z.object({ address: z.string() })).length(4),
  promises: z.array(z.object({ what: z.string(), kept: z.literal(true) })).min(7),
  rounds: z.array(z.object({ round: z.number(), during: z.string().nullable(), seconds: z.number(), seals: z.literal(1), reports: z.literal(1) })).length(5),
});

const { status, stdout } = spawnSync("npm", ["run", "--silent", "network", "--", "--once", "--json", "--rounds", "1", ...FAULTS], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
  shell: process.platform === "win32",
  maxBuffer: 64 * 1024 * 1024,
});
if (status !== 0) {
  console.log(stdout);
  throw new Error(`npm run network ended with exit code ${status}.`);
}
const { promises, rounds } = Report.parse(JSON.parse(stdout));
for (const { what } of promises) console.log(`kept: ${what}`);
console.log(`seconds from handing over to the report: ${rounds.map(({ seconds }) => seconds).join(", ")}`);
