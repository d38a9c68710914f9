import { hookOf } from "../../i18n/page-text.ts";
import { overviewTexts } from "./texts.ts";

export const useOverviewText = hookOf(overviewTexts);
