import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { encodeFunctionData, parseEventLogs, type Hex } from "viem";
import { datasetsAbi } from "../../protocol/abi/index.ts";
import { SINGLE_FILE } from "../../protocol/audit/store.ts";
import { README_LIMIT } from "../../protocol/cards/front-matter.ts";
import { readHubCard, type HubCard } from "../../protocol/cards/hugging-face.ts";
import { isNonCommercial } from "../../protocol/cards/licences.ts";
import { findPersonal } from "../../protocol/cards/personal.ts";
import { CARD_LIMIT, register, type Registration } from "../../protocol/cards/registration.ts";
import { dayOf, MOST_NANO, MOST_RECORDS, type Said } from "../../protocol/cards/said.ts";
import { visibleText, withoutHidden } from "../../protocol/cards/visible-text.ts";
import type { DatasetTerms } from "../../protocol/dataset-terms.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { artefactDigest } from "../../protocol/unixfs/encode.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { openLedger, openSigner, openStore, usage, type LedgerOptions, type SignerOptions, type StoreOptions } from "./context.ts";

export interface ImportCardOptions extends Omit<LedgerOptions, "federation">, StoreOptions, SignerOptions, Omit<Said, "jurisdictions" | "recipients" | "labelLevels"> {
  /** Whose officer signs. */
  readonly organisation?: number | undefined;
  readonly jurisdiction?: readonly string[] | undefined;
  readonly recipient?: readonly string[] | undefined;
  readonly labelLevels?: string | undefined;
  /** Write the data card here. */
  readonly out?: string | undefined;
  readonly dryRun: boolean;
}

/** What was sent. */
interface Proposed {
  readonly dataset: number;
  readonly transaction: Hex;
}

/** Reads a Hugging Face dataset card, says what it makes of it and what nobody said yet, and proposes the dataset. */
export async function importCard(file: string, options: ImportCardOptions, { out, err }: Streams): Promise<number> {
  const said = checkSaid(options);
  const bytes = await readLimited(file);
  const hub = readHubCard(bytes);
  if (said.config !== undefined && !hub.configurations.some(({ name }) => name === said.config)) {
    throw usage(`The card has no configuration ${said.config}.`, `It has: ${hub.configurations.map(({ name }) => name).join(", ") || "none"}.`);
  }
  const made = register(hub, said, createHash("sha256").update(bytes).digest("hex"));
  if (made.card.length > CARD_LIMIT) throw usage(`The data card would have ${made.card.length} bytes, more than ${CARD_LIMIT}.`, "Shorten the README.");
  const digest = artefactDigest(new Map([[SINGLE_FILE, made.card]]));
  const terms = made.terms?.(digest);
  if (options.out !== undefined) await writeFile(options.out, made.card);
  const proposed = options.dryRun ? null : await propose(made, terms, options);
  if (options.json) {
    const card: unknown = JSON.parse(new TextDecoder().decode(made.card));
    const { fields, missing, warnings } = made;
    const licence = terms?.licence ?? null;
    out.write(envelope(true, { card, digest, terms: terms ?? null, nonCommercial: licence === null ? null : isNonCommercial(licence), fields, missing, leftOut: hub.leftOut, malformed: hub.malformed, ignored: hub.ignored, warnings, ...proposed }));
  } else out.write(describe(hub, made, digest, proposed));
  if (!options.json && proposed === null) err.write(describeCall(terms, options));
  return EXIT.ok;
}

/** The same path as the page's form: the card into the store, then an officer's `Datasets.propose`. Members vote afterwards. */
async function propose(made: Registration, terms: DatasetTerms | undefined, options: ImportCardOptions): Promise<Proposed> {
  if (terms === undefined) {
    const asked = made.missing.filter(({ needed }) => needed);
    throw new ChongwenError({
      code: "card-incomplete",
      message: `Nobody said: ${asked.map(({ field, why }) => `${field} (${why})`).join("; ")}.`,
      fix: `Add ${asked.map(({ option }) => option).join(", ")}; --dry-run shows what is there.`,
    });
  }
  if (options.organisation === undefined) throw usage("A dataset is proposed by an officer of an organisation, and none was named.", "Add --organisation NUMBER, or --dry-run.");
  const { kernel, transactor, workspace } = await openLedger(options);
  const signer = await openSigner(options, kernel);
  const stored = await openStore(workspace, options).putFile(made.card);
  const { datasets } = kernel;
  const receipt = await transactor.send(signer, { kind: "dataset.propose", ...datasets, functionName: "propose", args: [options.organisation, { ...terms, card: stored }] });
  const [event] = parseEventLogs({ abi: datasets.abi, logs: receipt.logs, eventName: "DatasetProposed" });
  if (event === undefined) throw new Error("The registry emitted no event for a proposed dataset.");
  return { dataset: event.args.dataset, transaction: receipt.transactionHash };
}

const LONGEST: Readonly<Record<string, number>> = { institution: 60, title: 160, licence: 200, legalBasis: 500, ethicsApproval: 500, purpose: 2_000, limits: 2_000, unit: 60, source: 500, jurisdiction: 120, recipient: 120 };

/** What is typed goes on the chain or into the card as it is: so it must be readable, short, and name nobody. @throws usage */
function checkSaid(options: ImportCardOptions): Said {
  for (const [name, longest] of Object.entries(LONGEST)) {
    const given = options[name as keyof ImportCardOptions];
    for (const text of [given].flat().filter((value) => typeof value === "string")) {
      const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      const personal = findPersonal(text);
      if (text.trim() === "" || text.length > longest) throw usage(`${option} has ${text.length} characters, not 1 to ${longest}.`, "Say it shorter.");
      if (withoutHidden(text).count > 0 || /[\n\t]/.test(text)) throw usage(`${option} holds characters that nobody sees.`, "Type it anew.");
      if (personal !== undefined) throw usage(`${option} holds what leads to a person (${personal}).`, "Name an institution or a committee instead: what is registered stays for ever.");
    }
  }
  const within = (option: string, value: number | undefined, least: number, most: number): void => {
    if (value !== undefined && (value < least || value > most)) throw usage(`${option} is ${value}, not ${least} to ${most}.`, "Correct it.");
  };
  within("--records", options.records, 1, MOST_RECORDS);
  within("--consent-version", options.consentVersion, 1, MOST_RECORDS);
  within("--privacy-cap", options.privacyCap, 0, MOST_NANO);
  if (options.exempt === true && options.privacyCap !== undefined) throw usage("Public data has no privacy budget.", "Give either --exempt or --privacy-cap.");
  if (options.ethicsExpiry !== undefined && dayOf(options.ethicsExpiry) === undefined) throw usage(`${options.ethicsExpiry} is no day.`, "Write it as 2027-05-01.");
  if (options.source !== undefined && !/^https?:\/\/[^\s@]+$/.test(options.source)) throw usage("--source is no address on the web.", "Write https://…, without a user's name.");
  const { jurisdiction, recipient, labelLevels, ...said } = options;
  return { ...said, jurisdictions: jurisdiction, recipients: recipient, labelLevels: labelLevels === undefined ? undefined : levelsOf(labelLevels) };
}

function levelsOf(text: string): number[] {
  if (!/^\d{1,9}(,\d{1,9}){0,15}$/.test(text)) throw usage(`--label-levels ${visibleText(text, 60)} is no list of counts.`, "Write the records of each level, the lowest first: 0,120,880.");
  return text.split(",").map(Number);
}

async function readLimited(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) throw usage(`${file} cannot be read.`, "Name a README.md, and check that you may read it.");
  // The reader says the same of a file that has grown since.
  if (found.size > README_LIMIT) throw usage(`${file} has ${found.size} bytes; a card has at most ${README_LIMIT}.`, "Shorten it.");
  return readFile(file);
}

function describe({ leftOut, malformed, ignored }: HubCard, { fields, missing, warnings }: Registration, digest: Hex, proposed: Proposed | null): string {
  const short = (value: string): string => visibleText(value.replaceAll(/\s+/g, " "), 70);
  const width = Math.max(...fields.map(({ field }) => field.length), ...missing.map(({ field }) => field.length));
  const list = (heading: string, lines: readonly string[]): string => (lines.length === 0 ? "" : `\n${heading}\n${lines.map((line) => `  ${line}\n`).join("")}`);
  const line = ({ field, option, why }: Registration["missing"][number]): string => `${field.padEnd(width)}  ${option}: ${why}`;
  return [
    list("Read", fields.map(({ field, value, from }) => `${field.padEnd(width)}  ${short(value)}  ← ${from}`)),
    list("Nobody said yet, and it is needed", missing.filter(({ needed }) => needed).map(line)),
    list("Nobody said yet, and it helps", missing.filter(({ needed }) => !needed).map(line)),
    list("Left out", leftOut.map(({ kind, where }) => `${kind}, ${where}`)),
    list("Not of the format, left out", malformed),
    list("Has no place in a data card", ignored.length === 0 ? [] : [ignored.join(", ")]),
    list("Look at", warnings),
    `\ndata card ${digest}\n`,
    proposed === null ? "" : `✓ Dataset ${proposed.dataset} is proposed. Put it to the vote: chongwen dataset propose --dataset ${proposed.dataset}\n`,
  ].join("").trimStart();
}

function describeCall(terms: DatasetTerms | undefined, { organisation }: ImportCardOptions): string {
  if (terms === undefined) return "Nothing was stored or sent: something needed is missing.\n";
  const { length } = encodeFunctionData({ abi: datasetsAbi, functionName: "propose", args: [organisation ?? 0, terms] });
  return `Would propose it for organisation ${organisation ?? "(--organisation)"} in ${(length - 2) / 2} bytes of calldata. Nothing was stored or sent.\n`;
}
