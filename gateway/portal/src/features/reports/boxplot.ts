import type { Row } from "./figures";

/** Steps between ticks that people read as times, in seconds. */
const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200];

export interface Axis {
  /** The axis runs from 0 to here. */
  readonly end: number;
  readonly ticks: readonly number[];
}

/** An axis that holds every whisker, with few round ticks. */
export function axisOf(rows: readonly Row[], mostTicks = 7): Axis {
  const largest = Math.max(0, ...rows.map((row) => row.p90Seconds ?? row.medianSeconds ?? 0));
  const step = steps.find((s) => largest / s <= mostTicks - 1) ?? 86_400;
  const end = Math.max(step, Math.ceil(largest / step) * step);
  return { end, ticks: Array.from({ length: end / step + 1 }, (_, i) => i * step) };
}

/** Where the parts of a box stand on the axis, in percent of its length. */
export interface Box {
  readonly median: number;
  /** 10th and 90th percentile; an execution of the first catalogue has no 10th and begins at its median. */
  readonly whisker: readonly [number, number];
  /** 25th and 75th percentile, where the execution has them. */
  readonly box: readonly [number, number] | undefined;
}

/** The box of a group; none when it has no calls. */
export function boxOf(row: Row, axis: Axis): Box | undefined {
  const { p10Seconds, p25Seconds, medianSeconds, p75Seconds, p90Seconds } = row;
  if (medianSeconds === undefined) return undefined;
  const place = (seconds: number) => (100 * Math.min(Math.max(seconds, 0), axis.end)) / axis.end;
  return {
    median: place(medianSeconds),
    whisker: [place(p10Seconds ?? medianSeconds), place(p90Seconds ?? medianSeconds)],
    box: p25Seconds === undefined || p75Seconds === undefined ? undefined : [place(p25Seconds), place(p75Seconds)],
  };
}
