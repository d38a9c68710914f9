import { definePageText } from "../../i18n/page-text.ts";
import { joinEn } from "./text.en.ts";
import { joinZh } from "./text.zh.ts";

export const useJoinText = definePageText(joinEn, joinZh);
