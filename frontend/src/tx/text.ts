import { definePageText } from "../i18n/page-text.ts";
import { transactionEn } from "./text.en.ts";
import { transactionZh } from "./text.zh.ts";

export const useTransactionText = definePageText(transactionEn, transactionZh);
