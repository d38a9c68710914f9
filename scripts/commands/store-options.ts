import type { Command } from "commander";
import { DEFAULT_WORKSPACE, openWorkspace } from "../federation/workspace.ts";
import type { CommandLine } from "./command-line.ts";

type Parts = Pick<CommandLine, "run" | "streams"> & { readonly withStore: (command: Command) => Command };

/** `chongwen store …`: docs/runbooks/storage.md. Loaded when asked for. */
export function addStoreCommands(program: Command, { withStore, run, streams }: Parts): void {
  const store = program.command("store").description("what is kept of a ledger, why and until when");
  const onStore = (command: Command): Command =>
    withStore(command)
      .option("--dir <folder>", "workspace of the ledger", DEFAULT_WORKSPACE)
      .option("--rpc <url>", "JSON-RPC endpoint (default: the workspace's)")
      .option("--retention <file>", "retention policy, JSON (default: 10 years for stable models, 3 years for the rest)")
      .option("--json", "machine-readable output", false);

  onStore(store.command("ls").description("every artefact that is kept, what was erased, and what takes the space")).action((options) =>
    run(options.json, async () => (await import("./store.ts")).listStore(options, streams)),
  );
  onStore(store.command("gc").description("take out what nothing keeps: into quarantine first, and after it for good"))
    .option("--dry-run", "show what would go; move and remove nothing", false)
    .option("--now", "no quarantine: removed at once. For a full disk", false)
    .option("--accept-forgotten", "go on although the ledger no longer names what it named before", false)
    .option("--despite-damage", "go on although something that is kept is damaged", false)
    .action((options) => run(options.json, async () => (await import("./store.ts")).collectGarbage(options, streams)));
  onStore(store.command("verify").description("read and hash again all that is kept"))
    .option("--from <place>", "get again what is damaged or missing: a folder, or the address of a Kubo node")
    .addHelpText("after", "\nExit codes: 0 all whole · 1 error · 3 something is damaged · 5 something is missing")
    .action((options) => run(options.json, async () => (await import("./store.ts")).verifyStore(options, streams)));
  const byHand = (command: Command): Command => command.option("--dir <folder>", "workspace of the ledger", DEFAULT_WORKSPACE).option("--json", "machine-readable output", false);
  byHand(store.command("pin").argument("<digest>", "which artefact").description("keep what the ledger does not name, or not yet"))
    .requiredOption("--why <text>", "the reason, for who finds it in ten years")
    .option("--until <day>", "2036-12-31 (default: until it is unpinned)")
    .action((digest, options) => run(options.json, async () => (await import("./store.ts")).pinArtefact(digest, options, openWorkspace(options.dir), streams)));
  byHand(store.command("unpin").argument("<digest>", "which artefact").description("keep it no longer by hand")).action((digest, options) =>
    run(options.json, async () => (await import("./store.ts")).unpinArtefact(digest, options, openWorkspace(options.dir), streams)),
  );
}
