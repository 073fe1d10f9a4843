/** How long the fleet may take for a step before its silence means that there is nothing. Usually it is seconds. */
const patienceMs = 60_000;

/** The first looks come quickly, later ones rarely: what takes long is not helped by asking. */
const firstWaitMs = 2000;
const longestWaitMs = 20_000;

/** Where a step is that was not refused: done, still at work, or with nothing to come. */
export type Progress = "done" | "working" | "nothing";

/**
 * Where a step of a chart is. `version` is that of the chart that the step has dealt with, undefined while there is none; the
 * chart's own version and import time are unknown to those who may not read it, and then the opening of the page stands for both.
 */
export function progressOf(
  step: { readonly there: boolean; readonly version?: number | undefined },
  chart: { readonly version?: number | undefined; readonly importTime?: string | undefined },
  openedAt: number,
  now: number,
): Progress {
  const since = chart.importTime ? Date.parse(chart.importTime) : openedAt;
  const late = now - since > patienceMs;
  if (!step.there) return late ? "nothing" : "working";
  const behind = chart.version !== undefined && step.version !== undefined && step.version < chart.version;
  return behind && !late ? "working" : "done";
}

/** When to look again: 2, 3, 4.5 … 20 s. */
export function nextLook(looks: number): number {
  return Math.min(firstWaitMs * 1.5 ** Math.max(0, looks - 1), longestWaitMs);
}

/** "4 s after the import"; empty when either time is unknown. */
export function lag(from: string | undefined, to: string | undefined): number | undefined {
  if (!from || !to) return undefined;
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) || ms < 0 ? undefined : Math.round(ms / 1000);
}
