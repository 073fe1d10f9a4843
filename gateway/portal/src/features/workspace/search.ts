import { z } from "zod";

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional()
  .catch(undefined);

/** What the list of records keeps in the URL. */
export const overviewSearch = z.object({
  status: z.enum(["active", "expiring", "expired", "pending", "inactive", "retired"]).optional().catch(undefined),
  dueFrom: day,
  dueTo: day,
  order: z.string().max(40).optional().catch(undefined),
});

export type OverviewSearch = z.infer<typeof overviewSearch>;

/** What the page of alerts keeps in the URL. */
export const alertsSearch = z.object({ resolved: z.enum(["true"]).optional().catch(undefined) });

/** What the audit log of a workspace keeps in the URL. */
export const logSearch = z.object({
  method: z
    .string()
    .regex(/^[A-Za-z]{1,64}$/)
    .optional()
    .catch(undefined),
  outcome: z.enum(["OUTCOME_SUCCESS", "OUTCOME_DENIED", "OUTCOME_ERROR"]).optional().catch(undefined),
  from: day,
  to: day,
});

export type LogSearch = z.infer<typeof logSearch>;
