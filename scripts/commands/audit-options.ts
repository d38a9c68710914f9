import { Option, type Command } from "commander";
import { audit } from "./audit.ts";
import type { CommandLine } from "./command-line.ts";

interface AuditCommandLine extends Omit<CommandLine, "stop"> {
  readonly withStore: (command: Command) => Command;
  readonly withEscrow: (command: Command) => Command;
}

const CODES = "\nExit codes: 0 verified · 1 error · 2 usage · 3 mismatch · 4 signature needed · 5 could not verify";

export function addAuditCommands(program: Command, { onLedger, withStore, withEscrow, withSigner, run, whole, streams }: AuditCommandLine): void {
  const command = withEscrow(withStore(onLedger(program.command("audit").description("re-read, re-hash and recompute everything, and compare it with the chain"))))
    .option("--round <number>", "only this round", whole)
    .addOption(new Option("--settlement <number>", "only this settlement, with the rounds that it covers").argParser(whole).conflicts("round"))
    .option("--offline", "compare with the ledger recorded in the workspace; ask no chain", false)
    .addOption(new Option("--dossier <folder>", "check a dossier instead: no chain, no store but its own").conflicts(["round", "settlement", "offline", "rpc", "store", "ipfs"]))
    .option("--checkpoint <hash...>", "with --dossier: hashes of further blocks that you have compared with the chain")
    .addHelpText("after", CODES)
    // Options after `export` are its own.
    .enablePositionalOptions()
    .action((options) => run(options.json, async () => (options.dossier === undefined ? audit(options, streams) : (await import("./dossier.ts")).auditDossier(options, streams))));

  withSigner(withStore(onLedger(command.command("export").description("write a dossier: facts, proofs and artefacts in one folder that anybody can check, anywhere"))))
    .requiredOption("--out <folder>", "where; must not be there yet")
    .option("--rounds <range>", "only these rounds: 3-7")
    .option("--lineage <round>", "only the model of this round, and all that it descends from", whole)
    .option("--settlement <number>", "only this settlement, with the rounds that it covers", whole)
    .option("--block <number>", "as of this block (default: the newest)", whole)
    .option("--without-payloads", "leave out updates, open or sealed")
    .addHelpText("after", `\nWith --account or --keystore the cover is signed.${CODES}`)
    .action((options) => run(options.json, async () => (await import("./dossier.ts")).exportDossier({ ...options, payloads: options.withoutPayloads !== true }, streams)));
}
