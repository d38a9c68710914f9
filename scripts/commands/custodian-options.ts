import path from "node:path";
import type { Command } from "commander";
import type { CommandLine } from "./command-line.ts";

/** `chongwen custodian …`: pictures, and those who label them. */
export function addCustodianCommands(program: Command, { onLedger, withSigner, run, whole, streams, stop }: CommandLine): void {
  const custodian = program.command("custodian").description("show pictures to those who label them, and keep what they say");
  // Loaded when asked for: the other commands should not wait for a web server and a database.
  const load = () => import("./custodian.ts");
  const withCustody = (command: Command): Command =>
    onLedger(command).option("--custody <folder>", "the custodian's own folder: key, pictures, answers", process.env["CHONGWEN_DATA"] ?? path.join(".chongwen", "custody"));

  withCustody(custodian.command("serve").description("let readers log in and label"))
    .requiredOption("--origin <address...>", "pages that may use it, such as https://chongwen.example")
    .option("--url <address>", "its own public address, when a proxy with TLS stands before it")
    .option("--port <port>", "on 127.0.0.1", whole, 8090)
    .option("--list <file>", "accounts that may enter, besides or instead of members")
    .option("--name-en <text>", "how readers are told who it is", "A custodian")
    .option("--name-zh <text>", "the same in Chinese", "数据保管方")
    .action((options) => run(options.json, async () => (await load()).serveCustodian(options, streams, stop)));
  withCustody(custodian.command("import").description("clean the pictures of a folder and open a task set over them"))
    .requiredOption("--images <folder>", "PNG and JPEG files")
    .requiredOption("--set <file>", "question, classes, instructions, gold (JSON)")
    .action((options) => run(options.json, async () => (await load()).importPictures(options, streams)));
  withCustody(custodian.command("status").description("outcomes, recognised people, notes")).action((options) => run(options.json, async () => (await load()).showCustody(options, streams)));
  withCustody(custodian.command("release").description("show a picture again that was withheld by mistake"))
    .requiredOption("--set <root>", "task set")
    .requiredOption("--task <number>", "which picture", whole)
    .action((options) => run(options.json, async () => (await load()).releasePicture(options, streams)));
  withCustody(custodian.command("close").description("end a task set and sign the root of all its answers"))
    .requiredOption("--set <root>", "task set")
    .action((options) => run(options.json, async () => (await load()).closeSet(options, streams)));

  const holdout = custodian.command("holdout").description("records that judge contributions: bound before the rounds, secret until they are settled");
  const withHoldout = (command: Command): Command =>
    onLedger(command)
      .requiredOption("--holdout <folder>", "holdout.bin, labels.bin and, when the records have several sources, strata.bin")
      .requiredOption("--terms <file>", "the federation's terms, as governance chose them");
  withHoldout(withSigner(holdout.command("commit").description("draw a salt, write salt.json beside the files, and commit on chain; repeated, it goes on and writes over nothing")))
    .option("--show", "send nothing: print the call that a custodian's account has to send", false)
    .action((options) => run(options.json, async () => (await import("./holdout.ts")).commitHoldout(options, streams)));
  withHoldout(holdout.command("hand").description("copy a committed holdout to where an operator's service looks for it; after the rounds that it judges are sealed"))
    .requiredOption("--to <folder>", "the operator's folder of holdouts (`quality[].holdouts` of its configuration)")
    .action((options) => run(options.json, async () => (await import("./holdout.ts")).handOverHoldout(options, streams)));

  const withPoints = (command: Command): Command =>
    withSigner(command)
      .requiredOption("--settlement <number>", "the settlement that is to pay them", whole)
      .option("--missed <number>", "a settlement that was proposed without the points signed for it: they count for this one", whole)
      .option("--seats <file>", "seats by organisation and account, before those that the chain lists (JSON)")
      .option("--out <folder>", "where the signed files go", ".");
  withPoints(withCustody(custodian.command("points").description("score the readers of a closed task set, and sign their points by seat")))
    .requiredOption("--set <root>", "task set")
    .option("--terms <file>", "the federation's terms, to see whether they name the signer")
    .addHelpText("after", "\nSigned with the custodian's own key unless --account or --keystore names another.\nExit codes: 0 signed · 1 error · 2 usage · 5 signed, but somebody will not be paid; the lines above say who")
    .action((options) => run(options.json, async () => (await import("./points.ts")).custodianPoints(options, streams)));
  const feedback = program.command("feedback").description("what users say of a model's predictions");
  withPoints(onLedger(feedback.command("points").description("count what users said since the last settlement, and sign points by seat")))
    .requiredOption("--terms <file>", "the federation's terms: its model's authors earn nothing here")
    .option("--journal <file>", "what the service received (default: the workspace's)")
    .option("--key <file>", "the service's key (default: the workspace's)")
    .action((options) => run(options.json, async () => (await import("./points.ts")).feedbackPoints(options, streams)));
}
