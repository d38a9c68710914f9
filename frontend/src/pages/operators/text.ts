import { definePageText } from "../../i18n/page-text.ts";

export const useOperatorsText = definePageText(
  async () => (await import("./text.en.ts")).operatorsEn,
  async () => (await import("./text.zh.ts")).operatorsZh,
);
