import { createContext, use, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import type { Dictionary } from "./en.ts";
import type { Language } from "./language.ts";
import { languageTags, rememberLanguage } from "./language.ts";
import { shellTexts } from "./shell-texts.ts";
import { loadTexts } from "./texts.ts";

interface TextContext {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
}

const Context = createContext<TextContext | undefined>(undefined);

/** Before it is shown, the texts of `initial` must have been loaded. */
export function TextProvider({ initial, children }: { readonly initial: Language; readonly children: ReactNode }) {
  const [language, setLanguage] = useState(initial);
  const { locale } = textIn(language);
  useEffect(() => {
    document.documentElement.lang = languageTags[language];
    document.title = locale.title;
  }, [language, locale]);
  const value = useMemo<TextContext>(
    () => ({
      language,
      setLanguage(chosen) {
        rememberLanguage(chosen);
        // Where they cannot be had, the page stays as it is, and the choice counts the next time.
        loadTexts(chosen).then(
          () => setLanguage(chosen),
          () => undefined,
        );
      },
    }),
    [language],
  );
  return <Context value={value}>{children}</Context>;
}

export function useLanguage(): TextContext {
  const context = use(Context);
  if (context === undefined) throw new Error("useLanguage needs a TextProvider above it.");
  return context;
}

function textIn(language: Language): Dictionary {
  const text = shellTexts.known(language);
  if (text === undefined) throw new Error(`The texts in ${language} were not loaded before they were shown.`);
  return text;
}

/** The dictionary of the reader's language. */
export function useText(): Dictionary {
  return textIn(useLanguage().language);
}
