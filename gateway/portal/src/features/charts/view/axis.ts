import type { Intervention } from "./interventions";
import type { Point } from "./vitals";

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
const near = 0.12;

/** How many marks of a kind may stand above each other. */
const lanes = 3;

/** Rows of the marks: medications above procedures; a mark that would cover another of its kind stands in the next lane above it. */
export function staggered<T extends { readonly at: number; readonly kind: Intervention["kind"] }>(
  items: readonly T[],
  [low, high]: readonly [number, number],
): (T & { lane: number })[] {
  const room = (high - low) * near;
  const ends: Record<Intervention["kind"], number[]> = { medication: [], procedure: [] };
  return [...items]
    .sort((a, b) => a.at - b.at)
    .map((item) => {
      const taken = ends[item.kind];
      const free = Array.from({ length: lanes }, (_, i) => taken[i] ?? Number.NEGATIVE_INFINITY);
      // Where none is free, the one that was taken longest ago.
      const found = free.findIndex((at) => item.at - at >= room);
      const lane = found < 0 ? free.indexOf(Math.min(...free)) : found;
      taken[lane] = item.at;
      return { ...item, lane: (item.kind === "medication" ? 2.4 : 0) + lane * 0.65 };
    });
}
