import path from "node:path";
import type { Command } from "commander";
import type { Streams } from "../output/command.ts";

interface CommandLine {
  readonly onLedger: (command: Command) => Command;
  readonly run: (json: boolean, work: () => Promise<number>) => Promise<void>;
  readonly whole: (text: string) => number;
  readonly streams: Streams;
  readonly stop: AbortSignal;
}

/** `chongwen custodian …`: pictures, and those who label them. */
export function addCustodianCommands(program: Command, { onLedger, run, whole, streams, stop }: CommandLine): void {
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
}
