import { definePageText } from "../../i18n/page-text.ts";
import { cardEn } from "./text.en.ts";
import { cardZh } from "./text.zh.ts";

export const useCardText = definePageText(cardEn, cardZh);
