import { formatDuration } from "../format/duration.ts";
import { useText } from "../i18n/text.tsx";
import { useNow } from "./use-now.ts";

interface CountdownProps {
  /** Seconds since 1970, by the chain's clock. */
  readonly until: bigint | number;
  /** What is said when the time is over. */
  readonly over: string;
  /** What is said around the time that is left. */
  readonly left: (time: string) => string;
}

/** How long it is until then, ticking by the chain's clock. Not announced at every tick. */
export function Countdown({ until, over, left }: CountdownProps) {
  const { locale } = useText();
  const seconds = Number(until) - useNow();
  return <span role="timer" aria-live="off">{seconds > 0 ? left(formatDuration(seconds, locale.units)) : over}</span>;
}
