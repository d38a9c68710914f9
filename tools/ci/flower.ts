// The promise of `npm run flower -- --once --json`, taken at its word: nothing but one JSON document on standard output, and every promise in it kept.
import { spawnSync } from "node:child_process";

import { z } from "zod";

const UNVERIFIED = 5;
const Report = z.object({
  ok: z.literal(true),
  promises: z.array(z.object({ what: z.string(), kept: z.literal(true) })).min(8),
  rounds: z.array(z.object({ state: z.literal("Final"), contributors: z.array(z.number()).min(3), overhead: z.number().nullable() })).min(3),
  kill: z.object({ answered: z.literal(false) }),
  audit: z.object({ ok: z.literal(true), checked: z.number().positive() }),
});
const Failure = z.object({ errors: z.array(z.object({ code: z.string(), message: z.string(), fix: z.string() })).min(1) });

const { status, stdout } = spawnSync("npm", ["run", "--silent", "flower", "--", "--once", "--json"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
  shell: process.platform === "win32",
  maxBuffer: 64 * 1024 * 1024,
});
if (status === UNVERIFIED) {
  // Python or its registry is not here: nobody's change has broken that, and it must not look like a pass.
  for (const { message, fix } of Failure.parse(JSON.parse(stdout)).errors) console.log(`NOT RUN: ${message}\n${fix}`);
} else {
  if (status !== 0) {
    console.log(stdout);
    throw new Error(`npm run flower ended with exit code ${status}.`);
  }
  const { promises, rounds } = Report.parse(JSON.parse(stdout));
  for (const { what } of promises) console.log(`kept: ${what}`);
  console.log(`overhead of commit, sign and verify by round: ${rounds.map(({ overhead }) => (overhead === null ? "–" : `${(100 * overhead).toFixed(1)} %`)).join(", ")} of training`);
}
