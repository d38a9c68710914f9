/**
 * A dataset card of the Hugging Face Hub, read for what it says, field by field, with the place where it says it. What is of another type than the
 * Hub's format has is named and left out, never guessed at. Format: https://huggingface.co/docs/hub/datasets-cards. Pure.
 */
import { readReadme, type Readme, type Yaml } from "./front-matter.ts";
import { cleanMarkdown, type Section } from "./markdown.ts";
import { namesPeople, withoutPersonal, type LeftOut } from "./personal.ts";
import { withoutHidden } from "./visible-text.ts";

/** @param from Where it stands: "front matter: license", "section “Uses”". */
export interface Sourced<Value> {
  readonly value: Value;
  readonly from: string;
}

/** A configuration of the dataset, with the records of all its splits. */
export interface Configuration {
  readonly name: string;
  readonly records: number | undefined;
  readonly classes: readonly string[] | undefined;
}

export interface HubCard {
  readonly title: Sourced<string> | undefined;
  /** As written. */
  readonly licences: readonly string[];
  readonly licenceName: string | undefined;
  readonly licenceLink: string | undefined;
  /** Lists of the front matter that are carried as they are, by field of the data card. */
  readonly lists: ReadonlyMap<string, Sourced<readonly string[]>>;
  readonly configurations: readonly Configuration[];
  readonly sections: readonly Section[];
  /** Whether the Hub asks for more before it hands the data out. */
  readonly isGated: boolean;
  readonly leftOut: readonly LeftOut[];
  /** Fields whose value is not of the format. */
  readonly malformed: readonly string[];
  /** Fields that have no place in a data card. */
  readonly ignored: readonly string[];
}

/** Lists of short words, by their name in a data card. */
const LISTS = {
  languages: ["language", "languages"],
  tasks: ["task_categories"],
  taskNames: ["task_ids"],
  tags: ["tags"],
  sizes: ["size_categories"],
  annotatedBy: ["annotations_creators"],
  languageFrom: ["language_creators"],
  derivedFrom: ["source_datasets"],
  multilinguality: ["multilinguality"],
} as const;

const MOST_ITEMS = 40;
const LONGEST_WORD = 80;
const READ = new Set<string>(["pretty_name", "license", "license_name", "license_link", "configs", "dataset_info", ...Object.values(LISTS).flat()]);

interface Notes {
  readonly leftOut: LeftOut[];
  readonly malformed: Set<string>;
}

/** A line of text without what hides and what leads to a person; undefined when nothing is left. */
function line(value: string, place: string, notes: Notes, longest = 200): string | undefined {
  const visible = withoutHidden(value);
  if (visible.count > 0) notes.leftOut.push({ kind: `hidden characters (${visible.count})`, where: place });
  const { text, leftOut } = withoutPersonal(visible.text.replaceAll(/\s+/g, " ").trim(), () => place);
  notes.leftOut.push(...leftOut);
  return text === "" ? undefined : text.slice(0, longest);
}

function textOf(front: Readme["front"], name: string, notes: Notes): string | undefined {
  const value = front.get(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return line(value, `front matter: ${name}`, notes);
  notes.malformed.add(name);
  return undefined;
}

/** A word or a list of words. Anything else in it makes the field malformed; the words count nevertheless. */
function wordsOf(front: Readme["front"], name: string, notes: Notes): string[] {
  const value = front.get(name);
  if (value === undefined || value === null) return [];
  const items = Array.isArray(value) ? value : [value];
  if (items.length > MOST_ITEMS) notes.malformed.add(name);
  return items.slice(0, MOST_ITEMS).flatMap((item: Yaml) => {
    if (typeof item === "string" && item.length <= LONGEST_WORD) return line(item, `front matter: ${name}`, notes) ?? [];
    notes.malformed.add(name);
    return [];
  });
}

function listsOf(front: Readme["front"], notes: Notes): Map<string, Sourced<readonly string[]>> {
  const lists = new Map<string, Sourced<readonly string[]>>();
  for (const [field, names] of Object.entries(LISTS)) {
    for (const name of names) {
      const value = wordsOf(front, name, notes);
      if (value.length > 0 && !lists.has(field)) lists.set(field, { value, from: `front matter: ${name}` });
    }
  }
  return lists;
}

const mapsOf = (value: Yaml): ReadonlyMap<unknown, Yaml>[] => (Array.isArray(value) ? value : [value]).filter((item): item is ReadonlyMap<unknown, Yaml> => item instanceof Map);

/** Some tools write numbers as text. */
function count(value: Yaml): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Names of the one class label among the features: a map from "0", "1", … or a list. */
function classesOf(info: ReadonlyMap<unknown, Yaml>, notes: Notes): readonly string[] | undefined {
  const labels = mapsOf(info.get("features")).flatMap((feature) => mapsOf(feature.get("dtype")).flatMap((type) => mapsOf(type.get("class_label"))));
  const names = labels.length === 1 ? labels[0]?.get("names") : undefined;
  const values = names instanceof Map ? [...names.values()] : Array.isArray(names) ? names : [];
  const texts = values.filter((value): value is string => typeof value === "string");
  if (texts.length === 0 || texts.length !== values.length || texts.length > 256) return undefined;
  return texts.map((text) => line(text, "front matter: dataset_info", notes, 120) ?? "?");
}

function configurationsOf(front: Readme["front"], notes: Notes): Configuration[] {
  const info = front.get("dataset_info");
  if (info === undefined || info === null) return [];
  const maps = mapsOf(info);
  if (maps.length !== (Array.isArray(info) ? info.length : 1)) notes.malformed.add("dataset_info");
  return maps.slice(0, 1_000).map((one) => {
    const counts = mapsOf(one.get("splits")).map((split) => count(split.get("num_examples")));
    const whole = counts.length > 0 && counts.every((number) => number !== undefined);
    if (!whole && one.has("splits")) notes.malformed.add("dataset_info");
    const name = one.get("config_name");
    return {
      name: (typeof name === "string" ? line(name, "front matter: dataset_info", notes) : undefined) ?? "default",
      records: whole ? counts.reduce<number>((sum, number) => sum + (number ?? 0), 0) : undefined,
      classes: classesOf(one, notes),
    };
  });
}

function titleOf(front: Readme["front"], sections: readonly Section[], notes: Notes): Sourced<string> | undefined {
  const pretty = textOf(front, "pretty_name", notes);
  if (pretty !== undefined) return { value: pretty.slice(0, 160), from: "front matter: pretty_name" };
  const heading = sections.find(({ path: [first] }) => first !== undefined)?.path[0];
  const title = heading?.replace(/^dataset card (?:for|of)\s+/iu, "").trim() ?? "";
  return title === "" ? undefined : { value: title.slice(0, 160), from: "first heading" };
}

/** @throws card-invalid */
export function readHubCard(bytes: Uint8Array): HubCard {
  const { front, body, firstLine } = readReadme(bytes);
  const { sections, leftOut } = cleanMarkdown(body, firstLine);
  const notes: Notes = { leftOut: [...leftOut], malformed: new Set() };
  const names = [...front.keys()].map((key) => withoutHidden(String(key)).text.slice(0, 60));
  for (const name of names.filter(namesPeople)) notes.leftOut.push({ kind: "contact or author", where: `front matter: ${name}` });
  const gates = names.filter((name) => /^(?:extra_)?gated/.test(name));
  return {
    title: titleOf(front, sections, notes),
    licences: wordsOf(front, "license", notes),
    licenceName: textOf(front, "license_name", notes),
    licenceLink: textOf(front, "license_link", notes),
    lists: listsOf(front, notes),
    configurations: configurationsOf(front, notes),
    sections,
    isGated: gates.length > 0,
    leftOut: notes.leftOut,
    malformed: [...notes.malformed].sort(),
    ignored: names.filter((name) => !READ.has(name) && !namesPeople(name) && !gates.includes(name)).slice(0, MOST_ITEMS).sort(),
  };
}
