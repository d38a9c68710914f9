import type { Language } from "./language.ts";
import { useLanguage } from "./text.tsx";

/** Two dictionaries of the same shape: the compiler refuses a key that one of them lacks. */
type Shaped<Text> = { readonly [Key in keyof Text]: Text[Key] };

/** The texts of one page, which travel with the page and not with the shell. @returns A hook that gives those of the reader's language. */
export function definePageText<Text extends object>(en: Text, zh: Shaped<Text>): () => Text {
  const texts: Readonly<Record<Language, Text>> = { en, zh };
  return function usePageText() {
    return texts[useLanguage().language];
  };
}
