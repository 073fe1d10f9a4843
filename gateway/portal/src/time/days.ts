import { isoDay } from "./format";

/** How far a zone is ahead of UTC at a moment, in milliseconds. */
function offset(at: number, zone: string | undefined): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    ...(zone ? { timeZone: zone } : {}),
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return (
    Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) -
    Math.floor(at / 1000) * 1000
  );
}

/** When a day (YYYY-MM-DD) begins in a zone. */
export function dayStart(day: string, zone: string | undefined): Date {
  const utc = Date.parse(`${day}T00:00:00Z`);
  // The offset of the midnight that is asked for is only known once it is found: where clocks change at night, the second look counts.
  const guess = utc - offset(utc, zone);
  return new Date(utc - offset(guess, zone));
}

/** The day after, as YYYY-MM-DD. */
export function dayAfter(day: string): string {
  return isoDay(new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000), "UTC");
}
