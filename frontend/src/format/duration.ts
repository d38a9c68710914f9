/** The two largest units of a duration, for countdowns. */
export interface Duration {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

export function splitDuration(totalSeconds: number): Duration {
  const total = Math.max(0, Math.floor(totalSeconds));
  return {
    days: Math.floor(total / 86_400),
    hours: Math.floor((total % 86_400) / 3600),
    minutes: Math.floor((total % 3600) / 60),
    seconds: total % 60,
  };
}

export interface DurationUnits {
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

/** "2 d 3 h", "4 min 05 s", "12 s": at most two units, none smaller than matters. */
export function formatDuration(totalSeconds: number, units: DurationUnits): string {
  const { days, hours, minutes, seconds } = splitDuration(totalSeconds);
  if (days > 0) return `${days} ${units.day} ${hours} ${units.hour}`;
  if (hours > 0) return `${hours} ${units.hour} ${minutes} ${units.minute}`;
  if (minutes > 0) return `${minutes} ${units.minute} ${seconds.toString().padStart(2, "0")} ${units.second}`;
  return `${seconds} ${units.second}`;
}

/**
 * The chain's idea of now, in seconds. A quiet chain's latest block lies in the past, so the reader's clock counts; a chain whose clock runs ahead
 * has already decided by its own.
 */
export function chainNow(localSeconds: number, latestBlockTimestamp: bigint): number {
  return Math.max(Math.floor(localSeconds), Number(latestBlockTimestamp));
}
