import { readRemembered, remember } from "../state/remember.ts";

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

/** Each language's own name for itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

/** As HTML names them. */
export const languageTags: Readonly<Record<Language, string>> = { en: "en", zh: "zh-Hans" };

/** What the reader chose before, else the first of the browser's languages that the page speaks, else English. */
export function chooseLanguage(remembered: string | null, preferred: readonly string[]): Language {
  const candidates = remembered === null ? preferred : [remembered, ...preferred];
  for (const tag of candidates) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "en" || primary === "zh") return primary;
  }
  return "en";
}

const KEY = "chongwen.language";

export const readersLanguage = (): Language => chooseLanguage(readRemembered(KEY), navigator.languages);

export function rememberLanguage(language: Language): void {
  remember(KEY, language);
}
