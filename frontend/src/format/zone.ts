/** Moments in a named time zone: a statement must say whose midnight ends its year. Pure. */

/** The reader's own zone, such as "Asia/Shanghai". */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function partsOf(seconds: number, timeZone: string): ReadonlyMap<string, string> {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "longOffset",
  });
  return new Map(format.formatToParts(new Date(seconds * 1000)).map(({ type, value }) => [type, value]));
}

export function yearIn(seconds: number, timeZone: string): number {
  return Number(partsOf(seconds, timeZone).get("year"));
}

/** "2026-11-22T08:05:00+08:00": the zone's own time with its offset, as ISO 8601 writes it. */
export function isoIn(seconds: number, timeZone: string): string {
  const parts = partsOf(seconds, timeZone);
  const part = (type: string): string => parts.get(type) ?? "";
  const offset = part("timeZoneName").replace("GMT", "");
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${part("second")}${offset === "" ? "+00:00" : offset}`;
}
