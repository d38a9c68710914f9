import { definePageText } from "../../../i18n/page-text.ts";

export const useCommendText = definePageText(
  async () => (await import("./text.en.ts")).commendEn,
  async () => (await import("./text.zh.ts")).commendZh,
);
