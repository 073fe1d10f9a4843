import { dayStart, formatDate, isoDay, toCalendarDate, zoneName } from "@/time";

/** First and last day of a period, both in it, as YYYY-MM-DD. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

export const presets = [
  { value: "this-month", label: "This month" },
  { value: "last-month", label: "Last month" },
  { value: "last-30-days", label: "Last 30 days" },
  { value: "this-quarter", label: "This quarter" },
  { value: "last-quarter", label: "Last quarter" },
  { value: "custom", label: "Other days" },
] as const;

export type Preset = (typeof presets)[number]["value"];

/** As many days as the catalogue of metrics allows. */
export const mostDays = 366;

const dayMs = 86_400_000;
const at = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
const number = (day: string) => Date.parse(`${day}T00:00:00Z`) / dayMs;

export function addDays(day: string, days: number): string {
  return new Date((number(day) + days) * dayMs).toISOString().slice(0, 10);
}

/** How many days a period has, its first and last included. */
export function daysOf({ from, to }: Period): number {
  return number(to) - number(from) + 1;
}

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(number(text)) && addDays(text, 0) === text;
}

/** The days of a preset as of today; those of "custom" are the person's own. */
export function periodOf(preset: Exclude<Preset, "custom">, today: string): Period {
  const [year = 0, month = 1] = today.split("-").map(Number);
  const quarter = Math.floor((month - 1) / 3) * 3;
  switch (preset) {
    case "this-month":
      return { from: at(year, month - 1, 1), to: today };
    case "last-month":
      return { from: at(year, month - 2, 1), to: at(year, month - 1, 0) };
    case "last-30-days":
      return { from: addDays(today, -29), to: today };
    case "this-quarter":
      return { from: at(year, quarter, 1), to: today };
    case "last-quarter":
      return { from: at(year, quarter - 3, 1), to: at(year, quarter, 0) };
  }
}

/** The zone in which days are meant when the agency has none to offer. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** The days of an execution, whose end is the first instant after its period. */
export function periodBetween(
  from: string | undefined,
  to: string | undefined,
  zone: string | undefined,
): Period | undefined {
  if (!from || !to) return undefined;
  return { from: isoDay(new Date(from), zone), to: isoDay(new Date(Date.parse(to) - 1), zone) };
}

const day = (iso: string) => formatDate(toCalendarDate(iso));

/** "Nov 1 – Nov 22, 2026"; one day is "Nov 1, 2026". */
export function periodText({ from, to }: Period): string {
  if (from === to) return day(from);
  const first = from.slice(0, 4) === to.slice(0, 4) ? day(from).replace(/, \d{4}$/, "") : day(from);
  return `${first} – ${day(to)}`;
}

/** What a period means, with the zone named at both ends: between them the clocks may change. */
export function meaningOf(period: Period, zone: string): string {
  const n = daysOf(period);
  const first = `${day(period.from)}, 00:00 ${zoneName(zone, dayStart(period.from, zone))}`;
  const end = new Date(dayStart(addDays(period.to, 1), zone).getTime() - 1);
  return (
    `Calls whose unit was notified (eTimes.03) from ${first} to the end of ${day(period.to)}, ${zoneName(zone, end)}: ` +
    `${n} ${n === 1 ? "day" : "days"} of ${zone}.`
  );
}
