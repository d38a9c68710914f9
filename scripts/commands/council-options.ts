import type { Command } from "commander";
import type { Streams } from "../output/command.ts";
import { freeze, hold, lift, showCouncil } from "./council.ts";

interface CouncilCommandParameters {
  readonly onLedger: (command: Command) => Command;
  readonly withSigner: (command: Command) => Command;
  readonly run: (json: boolean, work: () => Promise<number>) => Promise<void>;
  readonly whole: (text: string) => number;
  readonly streams: Streams;
}

/** What the ethics council can do, each for a limited time. */
export function addCouncilCommands(program: Command, { onLedger, withSigner, run, whole, streams }: CouncilCommandParameters): void {
  const council = program.command("council").description("the ethics council: stop a federation or a dataset, for a limited time");
  onLedger(council.command("show").description("who it is, what it has stopped, and when it may again")).action((options) => run(options.json, () => showCouncil(options, streams)));
  withSigner(onLedger(council.command("freeze").description("stop the federation: nothing is sealed, reported or final for a while")))
    .requiredOption("--reason-file <file>", "the written reason; its hash goes on chain, the text stays with you")
    .action((options) => run(options.json, () => freeze(options, streams)));
  withSigner(onLedger(council.command("lift").description("end the freeze early"))).action((options) => run(options.json, () => lift(options, streams)));
  withSigner(onLedger(council.command("hold").description("stop a version of a dataset, once")))
    .requiredOption("--dataset <number>", "which dataset", whole)
    .action((options) => run(options.json, () => hold(options, streams)));
}
