import { InvalidArgumentError, Option, type Command } from "commander";
import type { CommandLine } from "./command-line.ts";

/** `chongwen model-card`. */
export function addModelCard(program: Command, { onLedger, withStore, withEscrow, run, whole, streams }: Pick<CommandLine, "onLedger" | "run" | "whole" | "streams"> & Record<"withStore" | "withEscrow", (command: Command) => Command>): void {
  withEscrow(withStore(onLedger(program.command("model-card").description("recompute a model, and write its model card for the Hugging Face Hub"))))
    .option("--round <number>", "which round's model (default: the newest that is final)", whole)
    .option("--out <file>", "write it here, such as README.md (default: standard output)")
    .option("--delta <chance>", "δ of the conversion of privacy budgets", "1e-5")
    .option("--page <url>", "where the dapp is served, for a link to its verify page")
    .addHelpText("after", "\nNothing is written when the recomputation differs; when something could not be looked at, the card says so first.\nExit codes: 0 verified · 1 error · 2 usage · 3 mismatch · 5 could not verify")
    .action((options) => run(options.json, async () => (await import("./model-card.ts")).exportModelCard(options, streams)));
}

/** Budgets have more digits than counts. */
const nano = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("A whole number of nano-rho is needed.");
  return Number(text);
};

type Parts = Pick<CommandLine, "withSigner" | "run" | "whole" | "streams"> & { readonly withStore: (command: Command) => Command; readonly workspace: string };

/** `chongwen dataset import-card`: docs/cards.md. Loaded when asked for. */
export function addImportCard(dataset: Command, { withSigner, withStore, run, whole, streams, workspace }: Parts): void {
  withSigner(withStore(dataset.command("import-card").argument("<readme>", "README.md of a dataset on the Hugging Face Hub").description("propose a dataset from its Hugging Face card; what a card cannot say is asked for")))
    .option("--institution <name>", "who holds the data, as lists show it")
    .option("--organisation <number>", "whose officer signs", whole)
    .option("--records <number>", "how many records are registered (default: as the card counts them)", whole)
    .option("--config <name>", "which configuration of several")
    .option("--title <text>", "another title than the card's")
    .option("--licence <id>", "licence, where the card says none or several: an SPDX identifier")
    .option("--legal-basis <text>", "on which basis in law the data is used")
    .option("--ethics-approval <text>", "which committee approved it, or why none had to")
    .option("--ethics-expiry <day>", "first day on which the approval counts no more, such as 2027-05-01")
    .option("--consent-version <number>", "version of the consent form", whole)
    .addOption(new Option("--privacy-cap <nano-rho>", "most that all uses together may spend").argParser(nano))
    .option("--exempt", "the data is public: no privacy budget is kept, for ever")
    .option("--unit <unit>", "privacy unit: record, patient or site")
    .option("--purpose <text>", "what it may be used for (default: the card's section on uses)")
    .option("--limits <text>", "what it does not represent (default: the card's sections on limits)")
    .option("--jurisdiction <name...>", "whose law applies")
    .option("--recipient <name...>", "who receives what is trained on it")
    .option("--label-levels <counts>", "records by the level at which their label was verified, the lowest first: 0,120,880")
    .option("--source <url>", "where the dataset is")
    .option("--out <file>", "also write the data card here")
    .option("--dry-run", "show what it would come to; store and send nothing", false)
    .option("--dir <folder>", "workspace of the ledger", workspace)
    .option("--rpc <url>", "JSON-RPC endpoint (default: the workspace's)")
    .option("--json", "machine-readable output", false)
    .addHelpText("after", "\nNothing of a person goes into the card or on the chain: contacts, authors and addresses are left out. Names in running text are not recognised: read the card first.")
    .action((readme, options) => run(options.json, async () => (await import("./import-card.ts")).importCard(readme, options, streams)));
}
