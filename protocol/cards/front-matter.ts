/** A README with YAML front matter, as dataset and model hubs write them: anybody's file, read within bounds. Pure. */
import { CORE_SCHEMA, load, realMapTag, YAMLException } from "js-yaml";
import { protocolError } from "../errors.ts";

/** Far above any card that people read, and small enough to be parsed at once. */
export const README_LIMIT = 2 ** 20;
const DEEPEST = 32;

/** Maps, not objects: a key named `__proto__` is then a key. No merge keys, dates or binaries: text, numbers, truth values, lists and maps are all that a card needs. */
const SCHEMA = CORE_SCHEMA.withTags(realMapTag);

export type Yaml = string | number | boolean | null | undefined | readonly Yaml[] | ReadonlyMap<unknown, Yaml>;

/** @param front Empty when the file has none. @param body Markdown, with "\n" between lines. @param firstLine Number of the body's first line in the file. */
export interface Readme {
  readonly front: ReadonlyMap<unknown, Yaml>;
  readonly body: string;
  readonly firstLine: number;
}

/**
 * Refuses what is no text, too long or too deep, duplicate keys, aliases (a few lines of them can stand for more than fits in memory), and tags of programs.
 * @throws card-invalid
 */
export function readReadme(bytes: Uint8Array): Readme {
  if (bytes.length > README_LIMIT) throw invalid(`it has ${bytes.length} bytes, more than ${README_LIMIT}`);
  const text = decode(bytes).replaceAll(/\r\n?/g, "\n");
  if (!/^---[ \t]*\n/.test(text)) return { front: new Map(), body: text, firstLine: 1 };
  const start = text.indexOf("\n") + 1;
  const end = /^---[ \t]*$/m.exec(text.slice(start));
  if (end === null) throw invalid("its front matter begins with --- and has no end");
  const yaml = text.slice(start, start + end.index);
  const head = text.slice(0, start + end.index + end[0].length + 1);
  return { front: parse(yaml), body: text.slice(head.length), firstLine: head.split("\n").length };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid("it is not text in UTF-8", cause);
  }
}

function parse(yaml: string): ReadonlyMap<unknown, Yaml> {
  let value: unknown;
  try {
    value = load(yaml === "" ? "{}" : yaml, { schema: SCHEMA, maxDepth: DEEPEST, maxAliases: 0 });
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    // Not the snippet: what stands there may be what nobody wants in a log.
    throw invalid(`line ${(cause.mark?.line ?? 0) + 2} of its front matter is not accepted: ${cause.reason}`, cause);
  }
  if (value === null || value === undefined) return new Map();
  if (!(value instanceof Map)) throw invalid("its front matter is no list of names and values");
  return value as ReadonlyMap<unknown, Yaml>;
}

const invalid = (why: string, cause?: unknown) => protocolError("card-invalid", `The file cannot be read as a card: ${why}.`, cause);
