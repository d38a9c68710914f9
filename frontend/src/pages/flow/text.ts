import { definePageText } from "../../i18n/page-text.ts";
import { en } from "./text.en.ts";
import { zh } from "./text.zh.ts";

export const useFlowText = definePageText(en, zh);
