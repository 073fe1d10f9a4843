import type { Schema } from "@/api";
import { formatNumber } from "@/time";
import { exclusionWords } from "./words";

export type Execution = Schema<"v1Execution">;
export type Row = Schema<"v1Row">;
export type Exclusion = Schema<"v1Exclusion">;

/** Fewer calls than this say little about a unit or a day: their figures come with a word of caution. */
export const fewCalls = 10;

export function isFew(row: Row): boolean {
  const n = row.n ?? 0;
  return n > 0 && n < fewCalls;
}

/** Seconds as m:ss, from an hour on as h:mm:ss. */
export function clock(seconds: number | undefined): string {
  if (seconds === undefined) return "—";
  const s = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(s / 60);
  return minutes < 60 ? `${minutes}:${two(s % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** "11 minutes 4 seconds", for those who hear it. */
export function spoken(seconds: number | undefined): string {
  if (seconds === undefined) return "not known";
  const s = Math.round(seconds);
  const units: [number, string][] = [
    [Math.floor(s / 3600), "hour"],
    [Math.floor((s % 3600) / 60), "minute"],
    [s % 60, "second"],
  ];
  const said = units
    .filter(([n], i) => n > 0 || (i === 2 && s < 60))
    .map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`);
  return said.join(" ");
}

export function totalOf(list: readonly Exclusion[] | undefined): number {
  return (list ?? []).reduce((sum, e) => sum + (e.n ?? 0), 0);
}

/** "2 cancelled before arrival, 1 without one of the times". */
export function excludedText(list: readonly Exclusion[] | undefined): string {
  return (list ?? [])
    .filter((e) => (e.n ?? 0) > 0)
    .map((e) => `${formatNumber(e.n)} ${exclusionWords(e.reason ?? "")}`)
    .join(", ");
}

export const sortKeys = ["group", "n", "median", "p90", "mean", "p10", "p25", "p75", "excluded"] as const;
export type SortKey = (typeof sortKeys)[number];

const figure: Record<Exclude<SortKey, "group">, (row: Row) => number | undefined> = {
  n: (row) => row.n ?? 0,
  median: (row) => row.medianSeconds,
  p90: (row) => row.p90Seconds,
  mean: (row) => row.meanSeconds,
  p10: (row) => row.p10Seconds,
  p25: (row) => row.p25Seconds,
  p75: (row) => row.p75Seconds,
  excluded: (row) => totalOf(row.excluded),
};

/** The rows in an order; those without the figure come last either way. */
export function sorted(
  rows: readonly Row[],
  key: SortKey,
  descending: boolean,
  name: (group: string) => string,
): Row[] {
  const byName = (a: Row, b: Row) => name(a.group ?? "").localeCompare(name(b.group ?? ""), "en", { numeric: true });
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    if (key === "group") return sign * byName(a, b);
    const [x, y] = [figure[key](a), figure[key](b)];
    if (x === undefined || y === undefined) return x === y ? byName(a, b) : x === undefined ? 1 : -1;
    return sign * (x - y) || byName(a, b);
  });
}
