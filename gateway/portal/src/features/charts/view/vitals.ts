import type { Schema } from "@/api";
import { isYes, numberOf, timeOf, type Fact } from "../nemsis/fact";

export type VitalSet = Schema<"v1VitalSet">;

/** One set of vital signs on the time axis. A sign that was not measured is not there. */
export interface Point {
  readonly at: number;
  readonly prior: boolean;
  readonly heartRate?: number;
  readonly systolic?: number;
  readonly diastolic?: number;
  /** Low and high end of the blood pressure, for a bar between them. */
  readonly pressure?: readonly [number, number];
  readonly pulseOximetry?: number;
  readonly respiratoryRate?: number;
  readonly etco2?: number;
  readonly glucose?: number;
  readonly gcsTotal?: number;
  readonly pain?: number;
}

type Measured = Exclude<keyof Point, "at" | "prior" | "pressure">;

export interface Sign {
  readonly key: Exclude<keyof Point, "at" | "prior" | "systolic" | "diastolic">;
  readonly label: string;
  readonly unit: string;
  /** The scale of a score; signs without one take theirs from what was measured. */
  readonly range?: readonly [number, number];
  readonly series: 1 | 2 | 3 | 4 | 5 | 6;
}

export const signs: readonly Sign[] = [
  { key: "heartRate", label: "Heart rate", unit: "/min", series: 1 },
  { key: "pressure", label: "Blood pressure", unit: "mm Hg", series: 2 },
  { key: "pulseOximetry", label: "SpO₂", unit: "%", series: 3 },
  { key: "respiratoryRate", label: "Respirations", unit: "/min", series: 5 },
  { key: "etco2", label: "EtCO₂", unit: "mm Hg", series: 4 },
  { key: "glucose", label: "Glucose", unit: "mg/dL", series: 6 },
  { key: "gcsTotal", label: "GCS", unit: "", range: [3, 15], series: 2 },
  { key: "pain", label: "Pain", unit: "/10", range: [0, 10], series: 1 },
];

const measured: readonly (readonly [Measured, (set: VitalSet) => Fact | undefined])[] = [
  ["heartRate", (s) => s.heartRate],
  ["systolic", (s) => s.systolic],
  ["diastolic", (s) => s.diastolic],
  ["pulseOximetry", (s) => s.pulseOximetry],
  ["respiratoryRate", (s) => s.respiratoryRate],
  ["etco2", (s) => s.etco2],
  ["glucose", (s) => s.glucose],
  ["gcsTotal", (s) => s.gcsTotal],
  ["pain", (s) => s.pain],
];

/** Whether a set of vital signs says anything: a value, or that a sign could not be taken. */
export const saysVitals = (set: VitalSet): boolean =>
  [...measured.map(([, pick]) => pick(set)), set.avpu, set.strokeResult, ...(set.rhythms ?? [])].some(
    (fact) => fact?.state === "STATE_VALUE" || fact?.state === "STATE_PERTINENT_NEGATIVE",
  );

/** Sets that have a time, in its order. */
export function pointsOf(sets: readonly VitalSet[] | undefined): Point[] {
  const points = (sets ?? []).flatMap((set): Point[] => {
    const at = timeOf(set.time);
    if (at === undefined) return [];
    const values = Object.fromEntries(
      measured.map(([key, pick]) => [key, numberOf(pick(set))]).filter(([, n]) => n !== undefined),
    ) as {
      -readonly [K in Measured]?: number;
    };
    const pressure =
      values.systolic !== undefined && values.diastolic !== undefined
        ? { pressure: [values.diastolic, values.systolic] as const }
        : {};
    return [{ at, prior: isYes(set.priorToCare), ...values, ...pressure }];
  });
  return points.sort((a, b) => a.at - b.at);
}

/** Signs that were measured at least once. */
export function signsIn(points: readonly Point[]): Sign[] {
  return signs.filter((sign) => points.some((p) => p[sign.key] !== undefined));
}

/** "5 measurements, 88 to 132", for the name of a plot. */
export function summaryOf(sign: Sign, points: readonly Point[]): string {
  const values = points.flatMap((p) => (p[sign.key] === undefined ? [] : [p]));
  const unit = sign.unit ? ` ${sign.unit}` : "";
  const times = values.length === 1 ? "1 measurement" : `${values.length} measurements`;
  if (sign.key === "pressure") {
    const low = Math.min(...values.map((p) => p.systolic ?? Number.POSITIVE_INFINITY));
    const high = Math.max(...values.map((p) => p.systolic ?? 0));
    return `${times}, systolic ${span(low, high)}${unit}`;
  }
  const numbers = values.map((p) => p[sign.key] as number);
  return `${times}, ${span(Math.min(...numbers), Math.max(...numbers))}${unit}`;
}

const span = (low: number, high: number) => (low === high ? `${low}` : `${low} to ${high}`);
