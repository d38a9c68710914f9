// The one entry to everything that runs outside a browser: `npx chongwen <command>`. Data on standard output, all else on standard error.
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { ROLES } from "../protocol/accounts/index.ts";
import { addAuditCommands } from "./commands/audit-options.ts";
import { claim } from "./commands/claim.ts";
import { castVote, DATASET_ACTIONS, enact, listDatasets, proposeAction } from "./commands/dataset.ts";
import { addImportCard, addModelCard } from "./commands/card-options.ts";
import { addCouncilCommands } from "./commands/council-options.ts";
import { addCustodianCommands } from "./commands/custodian-options.ts";
import { addPrivacyCommands } from "./commands/privacy-options.ts";
import { addStoreCommands } from "./commands/store-options.ts";
import { publishCard } from "./commands/publish-card.ts";
import { doctor } from "./commands/doctor.ts";
import { exportFlow, generateSynthetic } from "./commands/flow.ts";
import { invite } from "./commands/invite.ts";
import { addOracleCommand } from "./commands/oracle-options.ts";
import { relay } from "./commands/relay.ts";
import { showRounds } from "./commands/round.ts";
import { score } from "./commands/score.ts";
import { watch } from "./commands/watch.ts";
import { DEFAULT_WORKSPACE } from "./federation/workspace.ts";
import { EXIT, reportFailure, type Streams } from "./output/command.ts";

const root = path.dirname(import.meta.dirname);
const streams: Streams = { out: process.stdout, err: process.stderr };
const stop = new AbortController();
// A terminal and npm may both pass on the same Ctrl-C: the second one changes nothing.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

// Whoever reads along may have read enough: `chongwen dataset list | head`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const whole = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number is needed.");
  return Number(text);
};
const seconds = (text: string): number => {
  if (whole(text) < 1) throw new InvalidArgumentError("At least one second is needed.");
  return whole(text);
};
const atLeast3 = (text: string): number => {
  if (whole(text) < 3) throw new InvalidArgumentError("At least 3 are needed: two make a settlement.");
  return whole(text);
};
const identifier = (text: string): bigint => {
  if (!/^\d{1,78}$/.test(text)) throw new InvalidArgumentError("A proposal's number is needed.");
  return BigInt(text);
};

const program = new Command("chongwen")
  .description("A public ledger for federated learning.")
  .exitOverride()
  // A command that has commands of its own must not take their options: `audit export --dir …`.
  .enablePositionalOptions()
  .showHelpAfterError("(`chongwen help` lists the commands)");

/** Options of every command that looks at a ledger. */
function onLedger(command: Command): Command {
  return command
    .option("--dir <folder>", "workspace of the ledger", DEFAULT_WORKSPACE)
    .option("--rpc <url>", "JSON-RPC endpoint (default: the workspace's)")
    .option("--federation <number>", "which federation", whole, 1)
    .option("--json", "machine-readable output", false);
}
function withStore(command: Command): Command {
  return command.option("--store <folder>", "artefact store (default: the workspace's)").option("--ipfs <url>", "read artefacts from this Kubo node instead");
}
function withEscrow(command: Command): Command {
  return command
    .option("--escrow-key <file>", "keystore of a reader: opens escrowed payloads, with the key slips of the workspace")
    .option("--escrow-password-file <file>", "its password");
}
function withSigner(command: Command): Command {
  return command
    .option("--account <dev:N>", "development account, on a local chain only")
    .option("--keystore <file>", "encrypted key (Web3 Secret Storage)")
    .option("--password-file <file>", "the keystore's password");
}

/** Runs a command and turns what comes of it into an exit code. */
async function run(json: boolean, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.exitCode = reportFailure(streams, error, json);
  }
}

program
  .command("up")
  .description("run a local ledger: chain, federation, settlement, vote, claims, audit; then serve the page")
  .option("--once", "run, sum up and exit", false)
  .option("--json", "print the summary as JSON on standard output", false)
  .option("--rounds <number>", "rounds to train, at least 3", atLeast3, 8)
  .option("--seed <number>", "seed of the simulated split", whole, 1)
  .addOption(new Option("--scoring <rule>", "what pays: the quality of what was contributed, or its registered size").choices(["quality", "size"]).default("quality"))
  .option("--data <csv>", "train on this table: header, numbers, class in the last column")
  .option("--dir <folder>", "workspace, emptied at the start", DEFAULT_WORKSPACE)
  .option("--rpc-port <port>", "port of the local chain (with --once: any free one)", whole, 8545)
  .option("--port <port>", "port of the page", whole, 8080)
  .option("--indexer", "also run an indexer, which makes the page faster on a long ledger", false)
  .option("--indexer-port <port>", "its port", whole, 42069)
  .option("--voting-period <seconds>", "how long votes last, after the first (default: 600 when the page is served, 12 with --once)", seconds)
  .action(({ ...options }) =>
    run(options.json, async () => {
      // Loaded here: the other commands should not wait for a trainer and a web server.
      const { up } = await import("./commands/up.ts");
      return up({ root, ...options, data: options.data }, streams, stop.signal);
    }),
  );

const round = program.command("round").description("rounds of a federation");
onLedger(round.command("show").argument("[number]", "one round", whole).description("what the chain holds of rounds and settlements")).action((number, options) =>
  run(options.json, () => showRounds(number, options, streams)),
);

withSigner(withStore(onLedger(program.command("claim").description("claim what a seat has earned"))))
  .requiredOption("--seat <number>", "whose reward", whole)
  .option("--dry-run", "show the call, its gas and the amount; send nothing", false)
  .action((options) => run(options.json, () => claim(options, streams)));

const dataset = program.command("dataset").description("datasets, and the members' votes on them");
onLedger(dataset.command("list").description("datasets and proposals")).action((options) => run(options.json, () => listDatasets(options, streams)));
withStore(dataset.command("publish").argument("<file>", "a data card, JSON").description("put a data card into the store, for everybody to fetch"))
  .option("--dir <folder>", "workspace of the ledger", DEFAULT_WORKSPACE)
  .option("--json", "machine-readable output", false)
  .action((file, options) => run(options.json, () => publishCard(file, options, streams)));
addCouncilCommands(program, { onLedger, withSigner, run, whole, streams });
addImportCard(dataset, { withSigner, withStore, run, whole, streams, workspace: DEFAULT_WORKSPACE });
withSigner(onLedger(dataset.command("propose").description("put an action on a dataset to the vote")))
  .requiredOption("--dataset <number>", "which dataset", whole)
  .addOption(new Option("--action <action>", "what to do").choices(DATASET_ACTIONS).default("approve"))
  .option("--seat-for <contributor>", "also grant this contributor a seat from it", whole)
  .option("--budget <nano-rho>", "privacy budget of that seat; 0 for public data", whole, 0)
  .option("--reason <text>", "why, for the members", "")
  .action((options) => run(options.json, () => proposeAction(options, streams)));
withSigner(onLedger(dataset.command("vote").argument("<proposal>", "its number", identifier).description("vote on a proposal")))
  .requiredOption("--support <vote>", "for, against or abstain")
  .option("--reason <text>", "why", "")
  .action((proposal, options) => run(options.json, () => castVote(proposal, options, streams)));
withSigner(onLedger(dataset.command("enact").argument("<proposal>", "its number", identifier).description("queue or execute a proposal that has passed"))).action(
  (proposal, options) => run(options.json, () => enact(proposal, options, streams)),
);

addAuditCommands(program, { onLedger, withStore, withEscrow, withSigner, run, whole, streams });
addModelCard(program, { onLedger, withStore, withEscrow, run, whole, streams });

withEscrow(withStore(onLedger(program.command("score").description("recompute a settlement, and show the working behind every seat's score"))))
  .requiredOption("--settlement <number>", "which settlement", whole)
  .option("--seat <number>", "only this seat", whole)
  .option("--offline", "compare with the ledger recorded in the workspace; ask no chain", false)
  .addHelpText("after", "\nShows only what it could verify.\nExit codes: 0 verified · 1 error · 2 usage · 3 mismatch · 5 could not verify")
  .action((options) => run(options.json, () => score(options, streams)));

withEscrow(withSigner(withStore(onLedger(program.command("watch").description("recompute every report and settlement under way; prove faults, demand withheld data, answer demands")))))
  .option("--once", "one pass, then exit", false)
  .option("--max-gas-price <gwei>", "send nothing while gas costs more")
  .option("--no-demand", "never demand data on chain")
  .option("--no-answer", "never answer demands of others")
  .option("--answer-at-a-loss", "answer also when the bond does not pay the gas: for operators", false)
  .option("--max-demands <number>", "most demands for one report", whole, 16)
  .option("--max-bond <amount>", "most that may be bound in demands for one report, in the chain's currency", "1")
  .option("--patience <seconds>", "how long after a report its data is demanded (default: a quarter of what the window allows)", whole)
  .option("--health-port <port>", "say at GET /health on this port of the machine how the watcher fares", whole)
  .addHelpText("after", "\nWithout --account or --keystore it looks only.\nExit codes: 0 all verified · 1 error · 2 usage · 3 fault found · 5 could not verify")
  .action((options) => run(options.json, () => watch(options, streams, stop.signal)));

const flow = program.command("flow").description("contributions as columns, for the knowledge flow page");
withStore(onLedger(flow.command("export").description("write a federation's contributions, and the index that says what they are")))
  .option("--out <folder>", "also write the files here")
  .action((options) => run(options.json, () => exportFlow(options, streams)));
withStore(flow.command("generate").description("write a synthetic ledger of any size, marked as such"))
  .requiredOption("--contributions <number>", "how many", whole)
  .option("--seed <number>", "the same seed gives the same ledger", whole, 1)
  .option("--dir <folder>", "workspace whose store takes it", DEFAULT_WORKSPACE)
  .option("--out <folder>", "also write the files here")
  .option("--json", "machine-readable output", false)
  .action((options) => run(options.json, () => generateSynthetic(options, streams)));
addCustodianCommands(program, { onLedger, withSigner, run, whole, streams, stop: stop.signal });

withSigner(onLedger(program.command("invite").description("invite somebody to join with a passkey; an officer of the organisation signs")))
  .requiredOption("--organisation <number>", "whose officer signs", whole)
  .addOption(new Option("--role <role>", "what the person is invited as").choices(ROLES.slice(1)).default("contributor"))
  .option("--page <url>", "where the dapp is served, under the name that passkeys will belong to", "http://localhost:8080/")
  .option("--days <number>", "how long it can be used", whole, 7)
  .action((options) => run(options.json, () => invite(options, streams)));

withSigner(onLedger(program.command("relay").description("pay the gas of people who joined with a passkey, within a budget")))
  .option("--port <port>", "port of the service", whole, 8089)
  .option("--per-day <amount>", "most in 24 hours, in the chain's coin", "0.05")
  .option("--per-organisation <amount>", "most for one organisation in 24 hours", "0.02")
  .option("--per-account <amount>", "most for one account in 24 hours", "0.005")
  .option("--max-gas <gas>", "most gas of one transaction", whole, 1_000_000)
  .option("--max-gas-price <gwei>", "most for a unit of gas", "20")
  .option("--origin <origin...>", "pages that may use it (default: those of this machine)")
  .option("--host <name...>", "names under which it is reached, besides localhost")
  .addHelpText("after", "\nWithout --account or --keystore it makes a key of its own in the workspace: send coins there.")
  .action((options) => run(options.json, () => relay(options, streams, stop.signal)));

addOracleCommand(program, { onLedger, whole, streams, stop: stop.signal });
addPrivacyCommands(program, { onLedger, withSigner, run, whole, streams });
addStoreCommands(program, { withStore, run, streams });

onLedger(program.command("doctor").description("check what the other commands need, or what an oracle does"))
  .option("--config <file>", "look at the oracle with this configuration, instead of the workspace")
  .action((options) => run(options.json, () => doctor(root, options, streams)));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
