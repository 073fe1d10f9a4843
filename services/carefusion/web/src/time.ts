const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "Mon, Nov 23, 2026, 4:15 PM CST", in the zone of whoever reads. */
export function dateTime(value: string | undefined): string {
  return value
    ? new Date(value).toLocaleString("en-US", {
        weekday: "short",
        month: "short",
        day: "numeric",
        year: "numeric",
        hour: "numeric",
        minute: "2-digit",
        timeZoneName: "short",
      })
    : "";
}

export function clock(value: string | undefined, timeZone: string = zone()): string {
  return value ? new Date(value).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit", timeZone }) : "";
}

/** The day of an instant as text to sort and group by, in the zone of whoever reads. */
export function dayKey(value: string): string {
  return new Date(value).toLocaleDateString("en-CA");
}

export function dayName(value: string): string {
  return new Date(value).toLocaleDateString("en-US", { weekday: "long", month: "long", day: "numeric" });
}

/** The instant at which the day began, for whoever reads. */
export function midnight(now = new Date()): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString();
}

export interface CivilDate {
  year?: number;
  month?: number;
  day?: number;
}

/** A day without a zone, as in a date of birth. */
export function civil(d: CivilDate | undefined): string {
  if (!d?.year || !d.month || !d.day) return "";
  return new Date(Date.UTC(d.year, d.month - 1, d.day)).toLocaleDateString("en-US", { dateStyle: "medium", timeZone: "UTC" });
}

/** What a date field holds, as the API takes it. */
export function civilOf(text: string): CivilDate {
  const [year, month, day] = text.split("-").map(Number);
  return { ...(year ? { year } : {}), ...(month ? { month } : {}), ...(day ? { day } : {}) };
}

/** The instant that a field of date and time means, in the zone of whoever fills it in; nothing if it is empty. */
export function instantOf(text: string): string | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** Minutes after midnight as a time field shows them. */
export function minuteText(minute: number): string {
  const m = minute % 1440;
  return `${String(Math.floor(m / 60)).padStart(2, "0")}:${String(m % 60).padStart(2, "0")}`;
}

export function minuteOf(text: string): number {
  const [h = 0, m = 0] = text.split(":").map(Number);
  return h * 60 + m;
}

/** How long somebody has been waiting, in whole minutes. */
export function minutesSince(value: string | undefined, now: number): number {
  return value ? Math.max(0, Math.floor((now - Date.parse(value)) / 60_000)) : 0;
}

/** Minor units as an amount; the API sends 64-bit integers as text. */
export function money(minor: string | number | undefined, currency: string | undefined): string {
  return (Number(minor ?? 0) / 100).toLocaleString("en-US", { style: "currency", currency: currency || "USD" });
}

/** "125.50" as minor units, or nothing if it is not an amount. */
export function minorOf(text: string): number | undefined {
  const m = /^\s*(\d{1,6})(?:\.(\d{1,2}))?\s*$/.exec(text);
  return m ? Number(m[1]) * 100 + Number((m[2] ?? "").padEnd(2, "0")) : undefined;
}
