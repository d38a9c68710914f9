import type { Command } from "commander";
import type { CommandLine } from "./command-line.ts";

/** `chongwen privacy`, `chongwen escrow …`, `chongwen artefact …`: docs/privacy.md. Loaded when asked for. */
export function addPrivacyCommands(program: Command, { onLedger, withSigner, run, whole, streams }: Omit<CommandLine, "stop">): void {
  onLedger(program.command("privacy").description("what each dataset has spent over all federations that use it, with its ε"))
    .option("--dataset <number>", "only this dataset (default: those of the federation)", whole)
    .option("--delta <chance>", "δ of the conversion", "1e-5")
    .action((options) => run(options.json, async () => (await import("./privacy.ts")).showPrivacy(options, streams)));

  const escrow = program.command("escrow").description("readers of escrowed updates");
  escrow
    .command("key")
    .description("show a reader's public key, for the register of readers")
    .requiredOption("--keystore <file>", "encrypted key (Web3 Secret Storage); a file of its own")
    .requiredOption("--password-file <file>", "the keystore's password")
    .option("--new", "make it first", false)
    .option("--json", "machine-readable output", false)
    .action((options) => run(options.json, async () => (await import("./escrow-key.ts")).escrowKey(options, streams)));

  const artefact = program.command("artefact").description("what is stored of a ledger");
  withSigner(onLedger(artefact.command("erase").argument("[digest]", "which artefact").description("destroy keys and copies here, and say so in a signed statement")))
    .requiredOption("--basis <text>", 'why, in a word of law or consent: "consent withdrawn". Names nobody')
    .requiredOption("--stated-by <name>", "which organisation says so")
    .option("--store <folder>", "artefact store (default: the workspace's)")
    .option("--ipfs <url>", "erase from this Kubo node instead")
    .option("--round <number>", "the bundle of this round", whole)
    .option("--seat <number>", "only the payload of this seat", whole)
    .option("--even-if-shared", "also remove blocks that other artefacts here hold", false)
    .option("--dry-run", "show what would go; destroy nothing", false)
    .addHelpText("after", "\nCannot be undone. The hash stays on the ledger; an audit says erased, not mismatch (exit code 5).")
    .action((digest, options) => run(options.json, async () => (await import("./erase.ts")).erase(digest, options, streams)));
}
