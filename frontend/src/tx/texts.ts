import { defineTexts } from "../i18n/texts.ts";

/** Apart from its hook, so that it is asked for before the shell has arrived. */
export const transactionTexts = defineTexts(
  async () => (await import("./text.en.ts")).transactionEn,
  async () => (await import("./text.zh.ts")).transactionZh,
);
