import { z } from "zod";
import { dayAfter, dayStart } from "@/time";

/** One of the streams that the log keeps apart. */
export const streams = ["human", "ai", "system"] as const;
export type StreamName = (typeof streams)[number];

const text = (max: number) => z.string().trim().min(1).max(max).optional().catch(undefined);
const day = z.iso.date().optional().catch(undefined);

/** Filters of the log as they stand in the URL; none of them is protected. */
export const auditSearch = z.object({
  stream: z.enum(streams).optional().catch(undefined),
  action: text(256),
  resource: text(256),
  actor: text(128),
  outcome: z.enum(["success", "denied", "error"]).optional().catch(undefined),
  from: day,
  to: day,
  requestId: text(64),
});

export type AuditSearch = z.infer<typeof auditSearch>;

const outcomes = { success: "OUTCOME_SUCCESS", denied: "OUTCOME_DENIED", error: "OUTCOME_ERROR" } as const;
const streamsOfApi = { human: "STREAM_HUMAN", ai: "STREAM_AI", system: "STREAM_SYSTEM" } as const;

/** The query of the API; days begin where the agency is, and the last one is included. */
export function queryOf(search: AuditSearch, zone: string | undefined) {
  const { action, resource, actor, requestId, outcome, from, to } = search;
  return {
    stream: streamsOfApi[search.stream ?? "human"],
    ...(action ? { action } : {}),
    ...(resource ? { resource } : {}),
    ...(actor ? { actor } : {}),
    ...(requestId ? { requestId } : {}),
    ...(outcome ? { outcome: outcomes[outcome] } : {}),
    ...(from ? { from: dayStart(from, zone).toISOString() } : {}),
    ...(to ? { to: dayStart(dayAfter(to), zone).toISOString() } : {}),
  };
}

export type AuditQuery = ReturnType<typeof queryOf>;
