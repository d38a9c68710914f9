import { en } from "./en.ts";
import type { Dictionary } from "./en.ts";
import { zh } from "./zh.ts";

export const dictionaries = { en, zh } as const satisfies Record<string, Dictionary>;
export type Language = keyof typeof dictionaries;

/** Each language's own name for itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

/** What the reader chose before, else the first of the browser's languages that the page speaks, else English. */
export function chooseLanguage(remembered: string | null, preferred: readonly string[]): Language {
  const candidates = remembered === null ? preferred : [remembered, ...preferred];
  for (const tag of candidates) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "en" || primary === "zh") return primary;
  }
  return "en";
}
