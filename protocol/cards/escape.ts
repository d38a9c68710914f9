/** Text of strangers inside Markdown and YAML that this software writes. Pure. */
import { withoutPersonal } from "./personal.ts";
import { visibleText } from "./visible-text.ts";

/** One line of somebody else's text, as it really is, without what leads to a person: what was registered carelessly is not spread further. */
const lineOf = (text: string, longest: number): string => visibleText(withoutPersonal(text.slice(0, 4 * longest).replaceAll(/\s+/gu, " ").trim(), () => "").text, longest);

/**
 * As a code span: the one place of Markdown where nothing is a link, an emphasis, a tag, an address that links itself, or a heading. It also tells a
 * reader what was quoted from what this software says.
 */
export function quoted(text: string, longest = 200): string {
  const line = lineOf(text, longest);
  if (line === "") return "–";
  const runs = line.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(0, ...runs.map(({ length }) => length)) + 1);
  const room = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${room}${line}${room}${fence}`;
}

/** In a cell of a table, where a bar would begin another one even inside of code. */
export const cell = (text: string, longest = 120): string => quoted(text, longest).replaceAll("|", "\\|");

/** A scalar of YAML in double quotes: JSON, with everything but printable ASCII as its code. */
export function yamlText(text: string, longest = 200): string {
  const line = lineOf(text, longest);
  return JSON.stringify(line).replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
