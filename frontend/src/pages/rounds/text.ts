import { definePageText } from "../../i18n/page-text.ts";
import { roundsEn } from "./text.en.ts";
import { roundsZh } from "./text.zh.ts";

export const useRoundsText = definePageText(roundsEn, roundsZh);
