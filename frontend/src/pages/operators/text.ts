import { definePageText } from "../../i18n/page-text.ts";
import { operatorsEn } from "./text.en.ts";
import { operatorsZh } from "./text.zh.ts";

export const useOperatorsText = definePageText(operatorsEn, operatorsZh);
