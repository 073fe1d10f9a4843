import { z } from "zod";
import type { CasePriority, CaseState } from "./words";

/** What a person may choose, in the words of the URL; the queue opens on what waits, the most urgent first. */
export const states = ["pending", "under_review", "closed", "any"] as const;
export const priorities = ["high", "medium", "low"] as const;
export const orders = ["urgent", "newest", "oldest"] as const;

export const caseSearch = z.object({
  state: z.enum(states).optional().catch(undefined),
  priority: z.enum(priorities).optional().catch(undefined),
  trigger: z
    .string()
    .regex(/^[A-Z]+\.[A-Z_]{1,60}$/)
    .optional()
    .catch(undefined),
  order: z.enum(orders).optional().catch(undefined),
});

export type CaseSearch = z.infer<typeof caseSearch>;

const orderBy: Readonly<Record<(typeof orders)[number], string>> = {
  urgent: "priority desc",
  newest: "createTime desc",
  oldest: "createTime",
};

export interface CaseFilter {
  readonly state?: CaseState;
  readonly priority?: CasePriority;
  readonly triggerCode?: string;
  readonly orderBy: string;
}

/** The URL as the API wants it. */
export function caseFilter({ state = "pending", priority, trigger, order = "urgent" }: CaseSearch): CaseFilter {
  return {
    ...(state === "any" ? {} : { state: `STATE_${state.toUpperCase()}` as CaseState }),
    ...(priority ? { priority: `PRIORITY_${priority.toUpperCase()}` as CasePriority } : {}),
    ...(trigger ? { triggerCode: trigger } : {}),
    orderBy: orderBy[order],
  };
}

/** The filters that are set, beyond what the page opens on. */
export function activeFilters(search: CaseSearch): string[] {
  return (["state", "priority", "trigger"] as const).filter((name) => search[name] !== undefined);
}
