import { definePageText } from "../../i18n/page-text.ts";
import { changesEn } from "./changes/text.en.ts";
import { changesZh } from "./changes/text.zh.ts";
import { governanceEn } from "./text.en.ts";
import { governanceZh } from "./text.zh.ts";

export const useGovernanceText = definePageText(governanceEn, governanceZh);
export const useChangesText = definePageText(changesEn, changesZh);
