import { definePageText } from "../../i18n/page-text.ts";

export const useFlowText = definePageText(
  async () => (await import("./text.en.ts")).en,
  async () => (await import("./text.zh.ts")).zh,
);
