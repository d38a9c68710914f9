import type { Rung } from "../../../protocol/audit/report.ts";
import { en, type Text } from "./text.en.ts";
import { zh } from "./text.zh.ts";

export type { Text };
export type Language = "en" | "zh";

export const texts: Readonly<Record<Language, Text>> = { en, zh };
export const languageNames: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

/** What the reader chose before, else the first of the browser's languages that this page speaks. */
export function chooseLanguage(remembered: string | null, preferred: readonly string[]): Language {
  for (const tag of remembered === null ? preferred : [remembered, ...preferred]) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "en" || primary === "zh") return primary;
  }
  return "en";
}

/** The sentence of a rung. */
export function reasonOf(text: Text, { rung, reason, values }: Rung): string {
  const sentence = (text.reasons as Record<string, string | ((values: Readonly<Record<string, string>>) => string)>)[`${rung} ${reason}`];
  if (sentence === undefined) return text.unknownReason;
  return typeof sentence === "string" ? sentence : sentence(values);
}
