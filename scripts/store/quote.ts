/** Characters that change what a terminal shows around them. */
const UNPRINTABLE = "[\\p{Cc}\\p{Bidi_Control}]";

export function hasUnprintable(text: string): boolean {
  return new RegExp(UNPRINTABLE, "u").test(text);
}

/** A text of unknown origin, made safe to print. */
export function quote(text: string): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text.slice(0, 200)).replace(new RegExp(UNPRINTABLE, "gu"), escape);
}
