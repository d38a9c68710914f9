import type { Command } from "commander";
import type { Streams } from "../output/command.ts";

/** What groups of commands are built with: see `cli.ts`. */
export interface CommandLine {
  readonly onLedger: (command: Command) => Command;
  readonly withSigner: (command: Command) => Command;
  readonly run: (json: boolean, work: () => Promise<number>) => Promise<void>;
  readonly whole: (text: string) => number;
  readonly streams: Streams;
  readonly stop: AbortSignal;
}
