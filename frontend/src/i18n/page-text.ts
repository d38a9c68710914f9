import { use } from "react";
import { useLanguage } from "./text.tsx";
import { defineTexts } from "./texts.ts";
import type { Shaped, Texts } from "./texts.ts";

/** @returns A hook that gives a text in the reader's language; what has not arrived is waited for at the nearest `Suspense`. */
export function hookOf<Text>({ load }: Texts<Text>): () => Text {
  return function useTexts() {
    const { language } = useLanguage();
    // Always, and not only while it has not arrived: React loses count of a component's other hooks when it is rendered again without `use` (error 467).
    return use(load(language));
  };
}

/** The texts of one page, which travel after the page and not with the shell. */
export function definePageText<Text extends object>(en: () => Promise<Text>, zh: () => Promise<Shaped<Text>>): () => Text {
  return hookOf(defineTexts(en, zh));
}
