import { definePageText } from "../../i18n/page-text.ts";
import { datasetsEn } from "./text.en.ts";
import { datasetsZh } from "./text.zh.ts";

export const useDatasetsText = definePageText(datasetsEn, datasetsZh);
