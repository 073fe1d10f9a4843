import type { Schema } from "@/api";
import { isYes, numberOf, say, timeOf, type Fact } from "../nemsis/fact";
import type { ChartFacts } from "../queries";

export type VitalSet = Schema<"v1VitalSet">;
export type Medication = Schema<"v1Medication">;
export type Procedure = Schema<"v1Procedure">;

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

export interface Intervention {
  /** "M1" or "P2": the same on the axis and in the table. */
  readonly mark: string;
  readonly kind: "medication" | "procedure";
  readonly at: number | undefined;
  readonly name: string;
  readonly code: string;
  readonly detail: string;
  /** Whether this unit did it; otherwise why not, in words. */
  readonly done: boolean;
  readonly status: string;
  /** Why it was not done; empty when the status says it all. */
  readonly why: string;
}

/** Medications and procedures in the order of the document, with the marks that tie plot and table together. */
export function interventionsOf(facts: ChartFacts | undefined): {
  medications: Intervention[];
  procedures: Intervention[];
} {
  return {
    medications: (facts?.medications ?? []).map((m, i) => ({
      mark: `M${i + 1}`,
      kind: "medication",
      at: timeOf(m.time),
      ...naming(m.code, "medication"),
      detail: [doseOf(m), textOf(m.route)].filter(Boolean).join(", "),
      done: m.given === true,
      ...statusOf(m.given, m.priorToCare, m.code, "Given", "Not given"),
    })),
    procedures: (facts?.procedures ?? []).map((p, i) => ({
      mark: `P${i + 1}`,
      kind: "procedure",
      at: timeOf(p.time),
      ...naming(p.code, "procedure"),
      detail: attemptsOf(p),
      done: p.performed === true,
      ...statusOf(p.performed, p.priorToCare, p.code, "Performed", "Not performed"),
    })),
  };
}

/** What it was, be it not given: a pertinent negative may name the drug it is about. */
function naming(fact: Fact | undefined, vocabulary: "medication" | "procedure"): { name: string; code: string } {
  const value = fact?.value ? { ...fact, state: "STATE_VALUE" as const } : fact;
  const said = say(value, vocabulary);
  return { name: said.kind === "value" ? said.text : "Not named", code: said.code ?? "" };
}

const textOf = (fact: Fact | undefined) => (fact?.state === "STATE_VALUE" ? say(fact).text : "");

function doseOf(m: Medication): string {
  if (m.dose?.state !== "STATE_VALUE") return "";
  return `${m.dose.value ?? ""} ${textOf(m.doseUnit)}`.trim();
}

function attemptsOf(p: Procedure): string {
  const attempts = numberOf(p.attempts);
  const parts = [attempts === undefined ? "" : attempts === 1 ? "1 attempt" : `${attempts} attempts`];
  if (p.successful?.state === "STATE_VALUE") parts.push(isYes(p.successful) ? "successful" : "not successful");
  return parts.filter(Boolean).join(", ");
}

function statusOf(
  done: boolean | undefined,
  prior: Fact | undefined,
  code: Fact | undefined,
  yes: string,
  no: string,
): { status: string; why: string } {
  if (done) return { status: yes, why: "" };
  if (code?.state === "STATE_PERTINENT_NEGATIVE") return { status: no, why: say({ ...code, value: "" }).text };
  if (isYes(prior)) return { status: `${yes} before`, why: "Before this unit's care" };
  return { status: no, why: "" };
}

/** The time axis that all plots share: everything that is on it, with a little air. */
export function domainOf(points: readonly Point[], interventions: readonly Intervention[]): [number, number] | null {
  const all = [...points.map((p) => p.at), ...interventions.flatMap((i) => (i.at === undefined ? [] : [i.at]))];
  if (all.length === 0) return null;
  const low = Math.min(...all);
  const high = Math.max(...all);
  const air = Math.max((high - low) * 0.04, 60_000);
  return [low - air, high + air];
}

/** Whole minutes of the axis, few enough to read. */
export function ticksOf([low, high]: readonly [number, number], most = 7): number[] {
  const minute = 60_000;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 240].map((n) => n * minute);
  const step = steps.find((s) => (high - low) / s <= most) ?? 480 * minute;
  const out: number[] = [];
  for (let t = Math.ceil(low / step) * step; t <= high; t += step) out.push(t);
  return out;
}

/** Marks closer than this share of the axis would cover each other's names. */
const near = 0.08;

/** Rows of the marks: medications above procedures; a mark that comes right after another of its kind stands a little higher. */
export function staggered<T extends { readonly at: number; readonly kind: Intervention["kind"] }>(
  items: readonly T[],
  [low, high]: readonly [number, number],
): (T & { lane: number })[] {
  const last = new Map<Intervention["kind"], { at: number; raised: boolean }>();
  return [...items]
    .sort((a, b) => a.at - b.at)
    .map((item) => {
      const before = last.get(item.kind);
      const raised = before !== undefined && item.at - before.at < (high - low) * near && !before.raised;
      last.set(item.kind, { at: item.at, raised });
      return { ...item, lane: (item.kind === "medication" ? 1.7 : 0) + (raised ? 0.7 : 0) };
    });
}
