import { definePageText } from "../../../i18n/page-text.ts";

export const useQualityText = definePageText(
  async () => (await import("./text.en.ts")).qualityEn,
  async () => (await import("./text.zh.ts")).qualityZh,
);
