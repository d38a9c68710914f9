/** The first script: small, so that the shell and the words of the reader's language, and of no other, are fetched side by side. */
import { readersLanguage } from "../i18n/language.ts";
import { loadTexts } from "../i18n/texts.ts";
import "../i18n/shell-texts.ts";
import "../pages/overview/texts.ts";
import "../tx/texts.ts";
import "../styles/index.css";

const language = readersLanguage();
// Not awaited here: the shell may import what this script holds, and would wait for it to end.
void Promise.all([import("./start.tsx"), loadTexts(language)]).then(([{ start }]) => start(language));
