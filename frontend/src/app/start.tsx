import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { config as zodConfig } from "zod";
import type { Language } from "../i18n/language.ts";
import { TextProvider } from "../i18n/text.tsx";
import { Boot } from "./boot.tsx";

/** @param language Its texts have arrived. */
export function start(language: Language): void {
  // The page's content policy forbids code made from strings; zod would try.
  zodConfig({ jitless: true });
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root.");
  createRoot(root).render(
    <StrictMode>
      <TextProvider initial={language}>
        <Boot />
      </TextProvider>
    </StrictMode>,
  );
}
