/** A calendar date as google.type.Date. */
export interface CalendarDate {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
}

const locale = "en-US";
const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone ?? ""}|${JSON.stringify(options)}`;
  let made = cache.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { ...options, ...(zone ? { timeZone: zone } : {}) });
    cache.set(key, made);
  }
  return made;
}

const part = {
  date: { year: "numeric", month: "short", day: "numeric" },
  day: { month: "short", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

export type TimeStyle = "datetime" | "time" | "date" | "seconds" | "clock";

/** "Nov 22, 2026, 14:02 CST": always with the zone, because two readers may sit in two of them. */
export function formatTime(value: string | Date, zone: string | undefined, style: TimeStyle = "datetime"): string {
  const at = typeof value === "string" ? new Date(value) : value;
  if (Number.isNaN(at.getTime())) return "—";
  const zoned = { timeZoneName: "short" } as const;
  switch (style) {
    case "date":
      return formatter(zone, part.date).format(at);
    case "time":
      return formatter(zone, { ...part.time, ...zoned }).format(at);
    case "clock":
      return formatter(zone, { ...part.seconds, ...zoned }).format(at);
    case "seconds":
      return formatter(zone, { ...part.date, ...part.seconds, ...zoned }).format(at);
    default:
      return formatter(zone, { ...part.date, ...part.time, ...zoned }).format(at);
  }
}

/** The short name of a zone at a moment, e.g. "CST". */
export function zoneName(zone: string | undefined, at = new Date()): string {
  const parts = formatter(zone, { timeZoneName: "short" }).formatToParts(at);
  return parts.find((p) => p.type === "timeZoneName")?.value ?? "";
}

/** "14:02:07", for rows of times that name day and zone once beside them. */
export function formatClock(at: number, zone: string | undefined, style: "time" | "seconds" = "seconds"): string {
  return formatter(zone, part[style]).format(at);
}

/**
 * What clock times one after the other do not say by themselves: for each the day or the zone, where it is another than that of the
 * moment before. Without it a night shift jumps back a day, and the hour that autumn repeats runs backwards.
 */
export function clockChanges(moments: readonly number[], zone: string | undefined): string[] {
  return moments.map((at, i) => {
    const before = moments[i - 1];
    if (before === undefined) return "";
    const [now, then] = [new Date(at), new Date(before)];
    const day = isoDay(now, zone) === isoDay(then, zone) ? "" : formatter(zone, part.day).format(at);
    const name = zoneName(zone, now);
    return [day, name === zoneName(zone, then) ? "" : name].filter(Boolean).join(", ");
  });
}

/** "Nov 22, 2026"; a calendar date has no zone. */
export function formatDate(date: CalendarDate | undefined): string {
  if (!date?.year || !date.month || !date.day) return "—";
  return formatter("UTC", part.date).format(Date.UTC(date.year, date.month - 1, date.day));
}

/** The day of a moment in a zone, as YYYY-MM-DD. */
export function isoDay(at: Date, zone: string | undefined): string {
  const parts = formatter(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at);
  const of = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")}`;
}

export function toCalendarDate(iso: string): CalendarDate | undefined {
  const [year, month, day] = iso.split("-").map(Number);
  return year && month && day ? { year, month, day } : undefined;
}

export function fromCalendarDate(date: CalendarDate | undefined): string {
  if (!date?.year || !date.month || !date.day) return "";
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.year}-${two(date.month)}-${two(date.day)}`;
}

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/** "3 hours ago", "in 12 days". */
export function formatRelative(value: string | Date, now = Date.now()): string {
  const distance = (typeof value === "string" ? Date.parse(value) : value.getTime()) - now;
  if (Number.isNaN(distance)) return "—";
  for (const [unit, size] of steps) {
    if (Math.abs(distance) >= size) return relative.format(Math.trunc(distance / size), unit);
  }
  return "just now";
}

/** A protobuf Duration ("372s") or seconds as "6 min 12 s". */
export function formatDuration(value: string | number | undefined): string {
  if (value === undefined || value === "") return "—";
  const total = Math.round(typeof value === "number" ? value : Number.parseFloat(value));
  if (Number.isNaN(total)) return "—";
  const sign = total < 0 ? "−" : "";
  const s = Math.abs(total);
  const units: [number, string][] = [
    [Math.floor(s / 3600), "h"],
    [Math.floor((s % 3600) / 60), "min"],
    [s % 60, "s"],
  ];
  const shown = units.filter(([n], i) => n > 0 || (i === 2 && s < 60));
  return sign + shown.map(([n, unit]) => `${n} ${unit}`).join(" ");
}

const number = new Intl.NumberFormat(locale);

export function formatNumber(n: number | string | undefined): string {
  return n === undefined || n === "" ? "—" : number.format(Number(n));
}

/** google.type.Money, or cents. */
export function formatMoney(value: { currencyCode?: string; units?: string; nanos?: number } | undefined): string {
  if (!value) return "—";
  const amount = Number(value.units ?? 0) + (value.nanos ?? 0) / 1e9;
  return new Intl.NumberFormat(locale, { style: "currency", currency: value.currencyCode || "USD" }).format(amount);
}
