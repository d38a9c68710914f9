import type { Dictionary } from "./en.ts";
import { defineTexts } from "./texts.ts";

/** What stands around every page. */
export const shellTexts = defineTexts<Dictionary>(
  async () => (await import("./en.ts")).en,
  async () => (await import("./zh.ts")).zh,
);
