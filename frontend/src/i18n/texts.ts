/** Texts by language. Only those of the reader's language are fetched; a change of language takes effect once all its texts are there. */
import type { Language } from "./language.ts";

/** Two dictionaries of the same shape: the compiler refuses a key that one of them lacks. */
export type Shaped<Text> = { readonly [Key in keyof Text]: Text[Key] };

export interface Texts<Text> {
  /** Undefined while it has not arrived. */
  readonly known: (language: Language) => Text | undefined;
  /** Asks once; what failed is asked for again. */
  readonly load: (language: Language) => Promise<Text>;
}

const all: Texts<unknown>[] = [];

export function defineTexts<Text extends object>(en: () => Promise<Text>, zh: () => Promise<Shaped<Text>>): Texts<Text> {
  const sources = { en, zh };
  const known = new Map<Language, Text>();
  const coming = new Map<Language, Promise<Text>>();
  const load = (language: Language): Promise<Text> => {
    const asked = coming.get(language);
    if (asked !== undefined) return asked;
    const arriving = (async () => {
      const text = await sources[language]();
      known.set(language, text);
      return text;
    })();
    coming.set(language, arriving);
    // What React's `use` reads to go on at once, without waiting for a promise that is settled.
    void arriving.then((value) => Object.assign(arriving, { status: "fulfilled", value }), () => undefined);
    arriving.catch(() => coming.delete(language));
    return arriving;
  };
  const texts: Texts<Text> = { known: (language) => known.get(language), load };
  all.push(texts);
  return texts;
}

/** Everything that is defined so far, in one language. */
export async function loadTexts(language: Language): Promise<void> {
  await Promise.all(all.map(({ load }) => load(language)));
}
