import { pino, type Logger } from "pino";
import type { OracleConfig } from "./config.ts";
import type { Secrets } from "./secrets.ts";

export type Log = Logger;

export interface LogParameters {
  readonly level: OracleConfig["log"]["level"];
  readonly write: (line: string) => void;
  /** Lines for people instead of JSON. */
  readonly pretty: boolean;
  readonly secrets: Pick<Secrets, "scrub">;
}

/** Fields that are secrets by their names. What is a secret by its value is taken out of the whole line. */
const NAMED = ["password", "token", "authorization", "privateKey", "secret"].flatMap((name) => [name, `*.${name}`]);

/** Writes lines, each at once: what a process said before it was killed is there. */
export function createLog({ level, write, pretty, secrets }: LogParameters): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: NAMED, censor: "[redacted]" }, formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => write(secrets.scrub(pretty ? forPeople(line) : line)) },
  );
}

function forPeople(line: string): string {
  const { level, time, module = "", msg = "", ...rest } = JSON.parse(line) as Record<string, string>;
  const fields = Object.entries(rest).map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${(time ?? "").slice(11, 19)} ${(level ?? "").padEnd(5)} ${module === "" ? "" : `${module}: `}${msg}${fields.join("")}\n`;
}
