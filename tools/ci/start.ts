// The promise of `npm start -- --once --json`, taken at its word: nothing but one JSON document on standard output,
// and in it real rounds that became final and were audited.
import { spawnSync } from "node:child_process";

import { z } from "zod";

const Summary = z.object({
  rounds: z.array(z.object({ round: z.number(), status: z.string(), contributors: z.number() })).min(3),
  accuracy: z.object({ global: z.number(), bestSite: z.number(), majority: z.number() }),
  claims: z.array(z.object({ amount: z.string().or(z.number()), expected: z.string().or(z.number()) })).min(1),
  governance: z.object({ state: z.literal("Executed") }),
  audit: z.object({ ok: z.literal(true), checked: z.number().positive() }),
});

const { status, stdout } = spawnSync("npm", ["start", "--", "--once", "--json"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
  shell: process.platform === "win32",
  maxBuffer: 64 * 1024 * 1024,
});
if (status !== 0) throw new Error(`npm start ended with exit code ${status}.`);

const summary = Summary.parse(JSON.parse(stdout));
const final = summary.rounds.filter((round) => round.status === "Final");
const wrongClaims = summary.claims.filter(({ amount, expected }) => String(amount) !== String(expected));
const { global, bestSite, majority } = summary.accuracy;

console.log(`${final.length} of ${summary.rounds.length} rounds final, ${summary.claims.length} claims, audit ok`);
console.log(`accuracy: global ${global}, best site ${bestSite}, majority class ${majority}`);
if (final.length < 3) throw new Error("Fewer than three rounds became final.");
if (wrongClaims.length > 0) throw new Error(`Claims differ from what was recomputed: ${JSON.stringify(wrongClaims)}`);
