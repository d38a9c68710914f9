import { createContext, use, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { readRemembered, remember } from "../state/remember.ts";
import type { Dictionary } from "./en.ts";
import type { Language } from "./language.ts";
import { chooseLanguage, dictionaries } from "./language.ts";

interface TextContext {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
}

const KEY = "chongwen.language";
const Context = createContext<TextContext | undefined>(undefined);

export function TextProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(() => chooseLanguage(readRemembered(KEY), navigator.languages));
  useEffect(() => {
    const { locale } = dictionaries[language];
    document.documentElement.lang = locale.tag;
    document.title = locale.title;
  }, [language]);
  const value = useMemo<TextContext>(
    () => ({
      language,
      setLanguage(chosen) {
        remember(KEY, chosen);
        setLanguage(chosen);
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

/** The dictionary of the reader's language. */
export function useText(): Dictionary {
  return dictionaries[useLanguage().language];
}
