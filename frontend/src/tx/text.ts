import { hookOf } from "../i18n/page-text.ts";
import { transactionTexts } from "./texts.ts";

export const useTransactionText = hookOf(transactionTexts);
