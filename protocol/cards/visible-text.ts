/** Text of strangers, as it really is: what would hide or turn around is shown as its code, or taken out. Pure. */

/** Control characters but line breaks and tabs, direction marks, zero-width characters, private and unassigned planes, tags. */
const HIDDEN = /[^\P{C}\n\t]|\u034f|\u17b4|\u17b5|\p{Variation_Selector}|[\u115f\u1160\u3164\uffa0\u2028\u2029]/gu;

/** A joiner inside a word of scripts that need it is no deceit, and an emoji is not hidden; but an ASCII word with one is another word. */
export function visibleText(text: string, longest = 2_000): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.toWellFormed().replaceAll(HIDDEN, (character) => `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

/** For text that is to be read as its author's, not as a specimen. @param count How many characters went. */
export function withoutHidden(text: string): { readonly text: string; readonly count: number } {
  let count = 0;
  const cleaned = text.toWellFormed().replaceAll(HIDDEN, () => {
    count += 1;
    return "";
  });
  return { text: cleaned, count };
}
