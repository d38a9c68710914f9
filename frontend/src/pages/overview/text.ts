import { definePageText } from "../../i18n/page-text.ts";
import { overviewEn } from "./text.en.ts";
import { overviewZh } from "./text.zh.ts";

export const useOverviewText = definePageText(overviewEn, overviewZh);
