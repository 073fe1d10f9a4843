import { z } from "zod";
import type { ClaimState } from "./words";

/** What a person may choose, in the words of the URL; the worklist opens on what is incomplete, the oldest date of service first. */
export const states = ["draft", "ready", "no_bill", "any"] as const;
export const orders = ["service", "newest", "oldest"] as const;

export const claimSearch = z.object({
  state: z.enum(states).optional().catch(undefined),
  missing: z
    .string()
    .regex(/^[A-Z][A-Z_]{2,62}$/)
    .optional()
    .catch(undefined),
  order: z.enum(orders).optional().catch(undefined),
});

export type ClaimSearch = z.infer<typeof claimSearch>;

const orderBy: Readonly<Record<(typeof orders)[number], string>> = {
  service: "serviceDate",
  newest: "createTime desc",
  oldest: "createTime",
};

export interface ClaimFilter {
  readonly state?: ClaimState;
  readonly missingCode?: string;
  readonly orderBy: string;
}

/** The URL as the API wants it. Something can be missing in an incomplete claim only. */
export function claimFilter({ state = "draft", missing, order = "service" }: ClaimSearch): ClaimFilter {
  const incomplete = state === "draft" || state === "any";
  return {
    ...(state === "any" ? {} : { state: `STATE_${state.toUpperCase()}` as ClaimState }),
    ...(missing && incomplete ? { missingCode: missing } : {}),
    orderBy: orderBy[order],
  };
}

/** The filters that are set, beyond what the page opens on. */
export function activeFilters(search: ClaimSearch): string[] {
  return (["state", "missing"] as const).filter((name) => search[name] !== undefined);
}
