import { definePageText } from "../../i18n/page-text.ts";
import { annotateEn } from "./text.en.ts";
import { annotateZh } from "./text.zh.ts";

export const useAnnotateText = definePageText(annotateEn, annotateZh);
