import { definePageText } from "../../i18n/page-text.ts";

export const useGovernanceText = definePageText(
  async () => (await import("./text.en.ts")).governanceEn,
  async () => (await import("./text.zh.ts")).governanceZh,
);
export const useChangesText = definePageText(
  async () => (await import("./changes/text.en.ts")).changesEn,
  async () => (await import("./changes/text.zh.ts")).changesZh,
);
