import { definePageText } from "../../i18n/page-text.ts";

export const useRoundsText = definePageText(
  async () => (await import("./text.en.ts")).roundsEn,
  async () => (await import("./text.zh.ts")).roundsZh,
);
