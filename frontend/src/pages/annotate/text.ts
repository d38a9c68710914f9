import { definePageText } from "../../i18n/page-text.ts";

export const useAnnotateText = definePageText(
  async () => (await import("./text.en.ts")).annotateEn,
  async () => (await import("./text.zh.ts")).annotateZh,
);
