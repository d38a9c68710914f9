/** Markdown of strangers as plain Markdown: sections, without HTML, pictures, code and what is hidden. Pure. */
import { isAboutPeople, withoutPersonal, type LeftOut } from "./personal.ts";
import { withoutHidden } from "./visible-text.ts";

/** @param path Headings above it, and its own. @param level 1 to 6; 0 before the first heading. */
export interface Section {
  readonly heading: string;
  readonly path: readonly string[];
  readonly level: number;
  readonly text: string;
}

/** What templates leave where nobody wrote anything. */
const PLACEHOLDER = /\[?\b(?:more information needed|needs more information|information needed|todo|tbd)\b\]?\.?/giu;

/** "- **Language(s):**" with nothing behind it. */
const EMPTY_LABEL = /^[ \t>]*(?:[*+-][ \t]*)?[*_]{0,3}[\p{L} ()/[\]-]{1,60}[*_]{0,3}[:：][*_]{0,3}[ \t]*$/gmu;

const HOLLOW = /<!--|<(script|style|svg|iframe|object|template|noscript|textarea|title|math)(?=[\s/>])/giu;

/** Takes away comments, and elements with all that is in them; what has no end goes to the end of the text. Line breaks stay. One pass, whatever the text. */
function withoutHollow(text: string): { readonly text: string; readonly count: number } {
  const parts: string[] = [];
  let [from, count] = [0, 0];
  for (;;) {
    HOLLOW.lastIndex = from;
    const found = HOLLOW.exec(text);
    if (found === null) break;
    parts.push(text.slice(from, found.index));
    count += 1;
    const close = found[1] === undefined ? /-->/g : new RegExp(`</${found[1]}[^>]{0,100}>`, "gi");
    close.lastIndex = found.index + found[0].length;
    from = close.exec(text) === null ? text.length : close.lastIndex;
    parts.push(text.slice(found.index, from).replaceAll(/[^\n]/g, ""));
  }
  return { text: parts.join("") + text.slice(from), count };
}

/** Code goes with its fences: examples, citations with names, and pages that only look like text. Lines stay where they were. */
function withoutCode(lines: readonly string[]): { readonly lines: readonly string[]; readonly count: number } {
  let fence = "";
  let count = 0;
  const kept = lines.map((line) => {
    const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence === "") {
      if (mark === "" || (mark.startsWith("`") && line.slice(line.indexOf(mark) + mark.length).includes("`"))) return line;
      [fence, count] = [mark, count + 1];
    } else if (mark.startsWith(fence) && line.trim() === mark) fence = "";
    return "";
  });
  return { lines: kept, count };
}

/** Line breaks inside of what goes stay, so that lines keep their numbers. */
function withoutMarkup(text: string): { readonly text: string; readonly counts: readonly (readonly [what: string, count: number])[] } {
  const hollow = withoutHollow(text);
  let html = hollow.count;
  let [pictures, links] = [0, 0];
  const plain = hollow.text
    .replaceAll(/<(https?:\/\/[^\s<>]{1,500})>/giu, "$1")
    .replaceAll(/<[a-z!?/][^<>]{0,2000}>/giu, (tag) => {
      html += 1;
      return tag.replaceAll(/[^\n]/g, "");
    })
    .replaceAll(/!\[[^\][]{0,500}\](?:\([^()\n]{0,1000}\)|\[[^\][]{0,200}\])?/gu, () => {
      pictures += 1;
      return "";
    })
    // A link keeps its words; where it leads is kept when that is the web, and named nowhere else.
    .replaceAll(/\[([^\][]{0,500})\]\(\s{0,20}<?((?:[^\s()<>]|\([^\s()<>]{0,200}\)){0,1000})>?[^()]{0,300}\)/gu, (_, words: string, target: string) => {
      if (/^https?:\/\/[^@\s]{1,500}$/iu.test(target)) return `[${words}](${target})`;
      links += 1;
      return words;
    })
    .replaceAll(/^ {0,3}\[[^\][]{1,200}\]:.{0,1000}$/gmu, () => {
      links += 1;
      return "";
    })
    .replaceAll(/\]\((?!https?:\/\/)/giu, "] (")
    // What still looks like the beginning of a tag is a sign among signs.
    .replaceAll(/<(?=[a-z!?/])/giu, "&lt;");
  return { text: plain, counts: [["HTML", html], ["pictures", pictures], ["links to elsewhere than the web", links]] };
}

export interface CleanMarkdown {
  readonly sections: readonly Section[];
  readonly leftOut: readonly LeftOut[];
}

/** @param firstLine Number of the body's first line in its file. */
export function cleanMarkdown(body: string, firstLine: number): CleanMarkdown {
  const hidden = withoutHidden(body);
  const code = withoutCode(hidden.text.split("\n"));
  const { text, counts } = withoutMarkup(code.lines.join("\n"));
  const leftOut: LeftOut[] = [];
  for (const [kind, count] of [["hidden characters", hidden.count], ["code blocks", code.count], ...counts] as const) {
    if (count > 0) leftOut.push({ kind: `${kind} (${count})`, where: "text" });
  }
  const sections: Section[] = [];
  let above: { readonly level: number; readonly heading: string; readonly people: boolean }[] = [];
  let lines: string[] = [];
  let start = firstLine;
  const close = (): void => {
    const own = above.at(-1);
    const kept = withoutPersonal(lines.join("\n"), (line) => `line ${line}`, start);
    if (above.some(({ people }) => people)) leftOut.push({ kind: "section about people", where: `line ${start}` });
    else {
      leftOut.push(...kept.leftOut);
      const text = kept.text.replaceAll(PLACEHOLDER, "").replaceAll(EMPTY_LABEL, "").replaceAll(/\n{3,}/g, "\n\n").trim();
      if (text !== "") sections.push({ heading: own?.heading ?? "", path: above.map(({ heading }) => heading), level: own?.level ?? 0, text });
    }
    lines = [];
  };
  for (const [i, line] of text.split("\n").entries()) {
    const found = /^ {0,3}(#{1,6})[ \t]+(.{1,200}?)(?:[ \t]+#+)?[ \t]*$/u.exec(line);
    if (found === null) {
      lines.push(line);
      continue;
    }
    close();
    const level = found[1]?.length ?? 1;
    const title = withoutPersonal((found[2] ?? "").replaceAll(/[*_`]/g, "").replaceAll(/\[([^\][]*)\](?:\([^()]*\))?/g, "$1").trim(), () => `line ${firstLine + i}`);
    leftOut.push(...title.leftOut);
    above = [...above.filter((outer) => outer.level < level), { level, heading: title.text, people: isAboutPeople(title.text) }];
    start = firstLine + i + 1;
  }
  close();
  return { sections, leftOut };
}
