import { definePageText } from "../../i18n/page-text.ts";

export const useJoinText = definePageText(
  async () => (await import("./text.en.ts")).joinEn,
  async () => (await import("./text.zh.ts")).joinZh,
);
