import { infiniteQueryOptions, queryOptions, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { api, nextPage, read, unasked } from "@/api";
import type { Alert } from "./figures";

/** Figures on a home page follow what others do; they are read again while the page is open, which keeps no session alive. */
const live = { refetchInterval: 60_000 } as const;

/** Headers of a reading that is repeated, for the agency where the caller works for none. */
function headers(query: { client: QueryClient; queryKey: QueryKey }, agency?: string): Record<string, string> {
  return { ...unasked(query).headers, ...(agency ? { "X-Agency-Id": agency } : {}) };
}

export const agenciesQuery = infiniteQueryOptions({
  queryKey: ["agencies"],
  queryFn: ({ pageParam, signal }) =>
    read(api.GET("/api/agencies", { params: { query: { pageSize: 50, pageToken: pageParam } }, signal })),
  ...nextPage,
});

/** Charts imported in the last 30 days, by the day of the zone. `agency` reads for one agency while the caller works for none. */
export const chartSummaryQuery = (zone: string | undefined, agency?: string) =>
  queryOptions({
    queryKey: ["home", "charts", zone, agency],
    queryFn: ({ signal, client, queryKey }) =>
      read(
        api.GET("/api/clinical/chart-summary", {
          params: { query: zone ? { timeZone: zone } : {} },
          headers: headers({ client, queryKey }, agency),
          signal,
        }),
      ),
    ...live,
  });

export const caseSummaryQuery = (agency?: string) =>
  queryOptions({
    queryKey: ["home", "cases", agency],
    queryFn: ({ signal, client, queryKey }) =>
      read(
        api.GET("/api/qa/case-summary", {
          headers: headers({ client, queryKey }, agency),
          signal,
        }),
      ),
    ...live,
  });

export const claimSummaryQuery = (agency?: string) =>
  queryOptions({
    queryKey: ["home", "claims", agency],
    queryFn: ({ signal, client, queryKey }) =>
      read(
        api.GET("/api/billing/claim-summary", {
          headers: headers({ client, queryKey }, agency),
          signal,
        }),
      ),
    ...live,
  });

/** Alerts change by the day, and each reading is evidence in the audit log: they are not polled like counts. */
const seldom = { staleTime: 10 * 60_000, refetchInterval: 10 * 60_000 } as const;

export type WorkspaceName = "dea" | "cms";

const workspaceApi = {
  dea: {
    notice: (init: Init) => read(api.GET("/api/dea/notice", init)),
    alerts: (init: Init) =>
      read(api.GET("/api/dea/expiration-alerts", { ...init, params: { query: { pageSize: 100 } } })),
  },
  cms: {
    notice: (init: Init) => read(api.GET("/api/cms/notice", init)),
    alerts: (init: Init) =>
      read(api.GET("/api/cms/expiration-alerts", { ...init, params: { query: { pageSize: 100 } } })),
  },
} as const;

// A type and not an interface: the client takes options with an index signature only.
type Init = { headers: Record<string, string>; signal: AbortSignal };

/** What a workspace asks for. Nobody reads it before its notice is acknowledged, so that is looked at first. */
export interface WorkspaceAlerts {
  readonly noticeOpen: boolean;
  readonly alerts: readonly Alert[];
}

export const alertsQuery = (workspace: WorkspaceName, agency?: string) =>
  queryOptions({
    queryKey: ["home", "alerts", workspace, agency],
    queryFn: async ({ signal, client, queryKey }): Promise<WorkspaceAlerts> => {
      const init = { headers: headers({ client, queryKey }, agency), signal };
      const notice = await workspaceApi[workspace].notice(init);
      if (!notice.acknowledged) return { noticeOpen: true, alerts: [] };
      return { noticeOpen: false, alerts: (await workspaceApi[workspace].alerts(init)).alerts ?? [] };
    },
    ...seldom,
  });

export const checkpointQuery = queryOptions({
  queryKey: ["home", "checkpoint"],
  queryFn: ({ signal, client, queryKey }) =>
    read(api.GET("/api/audit/checkpoint", { headers: headers({ client, queryKey }), signal })),
  ...live,
});

export const modulesQuery = (agencyId: string) =>
  queryOptions({
    queryKey: ["home", "modules", agencyId],
    queryFn: ({ signal }) =>
      read(api.GET("/api/agencies/{agencyId}/modules", { params: { path: { agencyId } }, signal })),
  });
