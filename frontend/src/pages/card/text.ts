import { definePageText } from "../../i18n/page-text.ts";

export const useCardText = definePageText(
  async () => (await import("./text.en.ts")).cardEn,
  async () => (await import("./text.zh.ts")).cardZh,
);
