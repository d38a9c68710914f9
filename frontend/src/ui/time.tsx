import { useLanguage } from "../i18n/text.tsx";

interface TimeProps {
  /** Seconds since 1970, by the chain's clock. */
  readonly at: bigint | number;
  /** Only the day. */
  readonly day?: boolean;
}

/** A moment in the reader's own time zone and language. */
export function Time({ at, day = false }: TimeProps) {
  const { language } = useLanguage();
  const date = new Date(Number(at) * 1000);
  const format: Intl.DateTimeFormatOptions = day ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" };
  return <time dateTime={date.toISOString()}>{date.toLocaleString(language === "zh" ? "zh-CN" : "en-GB", format)}</time>;
}
