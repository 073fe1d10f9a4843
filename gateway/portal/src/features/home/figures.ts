import type { Schema } from "@/api";

export type CaseSummary = Schema<"v1CaseSummary">;
export type ClaimSummary = Schema<"v1ClaimSummary">;
export type ChartSummary = Schema<"v1ChartSummary">;
export type Alert = Schema<"v1Alert">;

export interface CaseFigures {
  readonly pending: number;
  readonly high: number;
  readonly underReview: number;
  /** When the oldest case that waits was opened. */
  readonly oldest: string | undefined;
}

export function caseFigures(summary: CaseSummary): CaseFigures {
  const counts = summary.counts ?? [];
  const sum = (of: typeof counts) => of.reduce((n, c) => n + (c.cases ?? 0), 0);
  const pending = counts.filter((c) => c.state === "STATE_PENDING");
  return {
    pending: sum(pending),
    high: sum(pending.filter((c) => c.priority === "PRIORITY_HIGH")),
    underReview: sum(counts.filter((c) => c.state === "STATE_UNDER_REVIEW")),
    oldest: pending
      .map((c) => c.oldestCreateTime)
      .filter((t) => t !== undefined)
      .toSorted()[0],
  };
}

export interface ClaimFigures {
  readonly draft: number;
  readonly ready: number;
  readonly noBill: number;
}

export function claimFigures(summary: ClaimSummary): ClaimFigures {
  const of = (state: string) => (summary.states ?? []).find((s) => s.state === state)?.claims ?? 0;
  return { draft: of("STATE_DRAFT"), ready: of("STATE_READY"), noBill: of("STATE_NO_BILL") };
}

/** Alerts that ask for something today: neither acknowledged nor snoozed. */
export function openAlerts(alerts: readonly Alert[] | undefined): Alert[] {
  return (alerts ?? []).filter((a) => a.state === "STATE_OPEN");
}

/** "4%"; what is there is never nothing, and what is not all is never all. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return "";
  const exact = (100 * part) / whole;
  if (exact > 0 && exact < 1) return "<1%";
  if (exact > 99 && exact < 100) return ">99%";
  return `${Math.round(exact)}%`;
}
