import type { Command } from "commander";
import type { Streams } from "../output/command.ts";

export interface OracleCommandParameters {
  readonly onLedger: (command: Command) => Command;
  readonly whole: (text: string) => number;
  readonly streams: Streams;
  readonly stop: AbortSignal;
}

/** A terminal and npm may both pass on the same Ctrl-C: what comes so soon is no second one. Milliseconds. */
const SAME = 1_000;

export function addOracleCommand(program: Command, { onLedger, whole, streams, stop }: OracleCommandParameters): void {
  onLedger(program.command("oracle").description("take in round bundles from aggregators; have them checked, sealed, reported and settled"))
    .option("--config <file>", "the service's configuration; without it the workspace's ledger on a local chain is served")
    .option("--port <port>", "without --config: where aggregators hand over; 0: any free one", whole)
    .option("--monitor-port <port>", "without --config: of /health, /ready and /metrics", whole)
    .addHelpText("after", "\nKeys are named in the configuration, as keystores or remote signers; docs/runbooks/oracle.md explains it.\nSIGTERM finishes what is under way; a second one ends at once.")
    .action(async (options) => {
      // Loaded here: the other commands should not wait for a web server.
      const { oracle } = await import("./oracle.ts");
      const { code, abandoned } = await oracle(options, streams, { stop, hurry: secondSignal(stop) });
      process.exitCode = code;
      if (abandoned) process.exit();
    });
}

function secondSignal(stop: AbortSignal): AbortSignal {
  const hurry = new AbortController();
  let first: number | null = null;
  stop.addEventListener("abort", () => void (first = Date.now()), { once: true });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => first !== null && Date.now() - first > SAME && hurry.abort());
  return hurry.signal;
}
