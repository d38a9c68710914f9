import { stat, readFile } from "node:fs/promises";
import { openWorkspace } from "../federation/workspace.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { openStore, usage, type StoreOptions } from "./context.ts";

export interface PublishCardOptions extends StoreOptions {
  readonly dir: string;
  readonly json: boolean;
}

const LIMIT = 64 * 1024;

/** Puts a data card where the page and everybody else can fetch it, and says the hash that the chain will hold. */
export async function publishCard(file: string, options: PublishCardOptions, { out }: Streams): Promise<number> {
  const size = await stat(file).then((found) => found.size, () => -1);
  if (size < 0) throw usage(`${file} cannot be read.`, "Check the path and that you may read the file.");
  if (size > LIMIT) throw usage(`${file} has ${size} bytes; a card has at most ${LIMIT}.`, "Shorten the description, and link to longer texts.");
  const bytes = await readFile(file);
  if (!isCard(bytes)) throw usage(`${file} is no data card.`, 'A card is a JSON object with "format": "chongwen-dataset-card" and "version": 1; docs/datasets.md describes it.');
  const card = await openStore(openWorkspace(options.dir), options).putFile(bytes);
  out.write(options.json ? envelope(true, { card, bytes: bytes.length }) : `${card}\n`);
  return EXIT.ok;
}

function isCard(bytes: Uint8Array): boolean {
  try {
    const card: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof card === "object" && card !== null && "format" in card && card.format === "chongwen-dataset-card" && "version" in card && card.version === 1;
  } catch {
    return false;
  }
}
