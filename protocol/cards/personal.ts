/**
 * Takes out of a text what leads to a person, before it goes where it stays for ever. What was found is told by kind and line, never repeated.
 * Patterns know addresses, numbers and handles; they do not know a name in running text. Whoever publishes reads it first. Pure.
 */

export interface LeftOut {
  /** A stable word. */
  readonly kind: string;
  /** Where it was: "front matter: authors", "line 12". */
  readonly where: string;
}

/** Every repetition is bounded, so that no text makes them slow; what begins with any word is tried only on lines that hold its sign. */
const PATTERNS: readonly (readonly [kind: string, pattern: RegExp, sign?: RegExp])[] = [
  ["link to a person", /\b(?:mailto|tel|sms|callto|skype|xmpp):[^\s)>\]"']{1,200}/giu],
  ["e-mail address", /[\p{L}\p{N}._%+-]{1,64}[ ]?(?:@|＠|\(at\)|\[at\]|\{at\})[ ]?[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/giu, /[@＠]|[([{]at[)\]}]/iu],
  ["e-mail address", /[\p{L}\p{N}._-]{1,64}[ ](?:at|\(at\)|\[at\])[ ][\p{L}\p{N}-]{1,63}(?:[ ](?:dot|\(dot\)|\[dot\])[ ][\p{L}\p{N}-]{2,63}){1,4}/giu, /[ ]dot|[([]dot/iu],
  ["link to a person", /https?:\/\/(?:[\w-]{1,30}\.)?(?:linkedin\.com\/(?:in|pub)|twitter\.com|x\.com|orcid\.org|t\.me|wa\.me|weibo\.com|facebook\.com|researchgate\.net\/profile|scholar\.google\.[a-z.]{2,6})\/[^\s)>\]]{1,200}/giu],
  ["link to a person", /https?:\/\/(?:www\.)?(?:github\.com|huggingface\.co)\/[\w.-]{1,60}\/?(?=[\s)>\],;]|$)/giu],
  ["identifier of a person", /(?<![\p{L}\p{N}])\d{4}-\d{4}-\d{4}-\d{3}[\dXx](?![\p{L}\p{N}])/gu],
  ["identifier of a person", /(?<!\d)\d{17}[\dXx](?!\d)/gu],
  ["identifier of a person", /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/gu],
  ["telephone number", /(?<![\p{L}\p{N}.+#/-])(?:\+|00)[1-9][\d ().\-/]{6,20}\d/gu],
  ["telephone number", /(?:tel|telephone|phone|mobile|cell|fax|whatsapp|wechat|电话|手机|传真|微信)[^\p{L}\p{N}\n]{1,6}[+(]?\d[\d ().\-/]{4,20}\d/giu],
  ["telephone number", /(?<![\p{L}\p{N}.-])\(?[2-9]\d{2}\)?[ .-][2-9]\d{2}[ .-]\d{4}(?!\d)/gu],
  ["telephone number", /(?<!\d)1[3-9]\d{9}(?!\d)/gu],
  ["handle", /(?<![\p{L}\p{N}@/.])@[A-Za-z0-9][\w-]{1,38}/gu],
  ["name with a title", /(?<!\p{L})(?:Dr|Prof|Professor|Mr|Mrs|Ms|Herr|Frau|Mme|Sir)\.?[ ](?:(?:med|rer|nat|Dr|h\.c)\.?[ ]){0,3}(?:\p{Lu}\.[ ]?){0,3}\p{Lu}[\p{L}'’-]{1,30}(?:[ ]\p{Lu}[\p{L}'’.-]{0,30}){0,3}/gu],
];

const MARK = "[left out]";

/** Names of fields, and words before a colon, behind which people stand. */
const PEOPLE =
  /^(?:point[ _-]of[ _-]contact|contacts?(?:[ _-](?:person|point|information|details|e-?mail|email))?|e-?mails?(?:[ _-]address)?|phone(?:[ _-]number)?|telephone|tel|mobile|fax|address|authors?|written[ _-]by|maintain(?:er|ers|ed[ _-]by)|curat(?:ed[ _-]by|ors?)|dataset[ _-](?:curators?|authors?|creators?|contact)|creat(?:ed[ _-]by|ors?)|shared[ _-]by|developed[ _-]by|collected[ _-]by|funded[ _-]by|model[ _-]card[ _-]authors?|dataset[ _-]card[ _-](?:authors?|contact)|principal[ _-]investigators?|owners?|submitter|uploaded[ _-]by|联系人|联系方式|联系|邮箱|电子邮件|电话|手机|作者|维护者|负责人|创建者)$/iu;

export const namesPeople = (name: string): boolean => PEOPLE.test(name.trim());

/** Headings of sections that are about people, not about data. */
const PEOPLE_HEADING = /contact|authors?\b|curators?\b|maintainers?\b|citations?\b|^cit(?:e|ing)\b|how to cite|bibtex|contributions?\b|contributors?\b|acknowledge?ment|\bteam\b|\bcredits\b|联系|作者|引用|致谢|维护者|贡献者|负责人/iu;

export const isAboutPeople = (heading: string): boolean => PEOPLE_HEADING.test(heading);

/** "- **Point of Contact:** …", "Author: …": the word before the first colon. */
function labelOf(line: string): string | undefined {
  const found = /^[\s>]*(?:[*+-]|\d{1,3}[.)])?\s*[*_`]{0,3}([\p{L}][\p{L} _-]{0,40}?)(?:\s*[[(][^\])\n]{0,30}[\])])?\s*[*_`]{0,3}\s*[:：]/u.exec(line);
  return found?.[1];
}

/** @param firstLine Its number in the file. */
export function withoutPersonal(text: string, where: (line: number) => string, firstLine = 1): { readonly text: string; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = [];
  let hanging = -1;
  const lines = text.split("\n").flatMap((line, i) => {
    const indent = line.search(/\S/u);
    // What hangs below a contact, deeper than it, belongs to it.
    if (hanging >= 0 && indent > hanging) return [];
    hanging = -1;
    const label = labelOf(line);
    if (label !== undefined && namesPeople(label)) {
      hanging = indent;
      leftOut.push({ kind: "contact or author", where: where(firstLine + i) });
      return [];
    }
    let cleaned = line;
    for (const [kind, pattern, sign] of PATTERNS) {
      if (sign?.test(cleaned) === false) continue;
      cleaned = cleaned.replaceAll(pattern, () => {
        leftOut.push({ kind, where: where(firstLine + i) });
        return MARK;
      });
    }
    return [cleaned];
  });
  return { text: lines.join("\n"), leftOut };
}

/** Whether a text that somebody typed leads to a person. */
export const findPersonal = (text: string): string | undefined => withoutPersonal(text, () => "").leftOut[0]?.kind;
