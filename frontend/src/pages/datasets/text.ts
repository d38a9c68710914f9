import { definePageText } from "../../i18n/page-text.ts";

export const useDatasetsText = definePageText(
  async () => (await import("./text.en.ts")).datasetsEn,
  async () => (await import("./text.zh.ts")).datasetsZh,
);
