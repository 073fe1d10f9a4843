import { queryOptions, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { ApiProblem, api, read, unasked } from "@/api";

interface Context {
  readonly client: QueryClient;
  readonly queryKey: QueryKey;
  readonly signal: AbortSignal;
}

const options = ({ signal, ...query }: Context) => ({ signal, ...unasked(query) });

export const journeyChart = (chartId: string) =>
  queryOptions({
    queryKey: ["journey", chartId, "chart"],
    queryFn: (c) => read(api.GET("/api/clinical/charts/{id}", { params: { path: { id: chartId } }, ...options(c) })),
  });

export const journeyCases = (chartId: string) =>
  queryOptions({
    queryKey: ["journey", chartId, "cases"],
    queryFn: (c) =>
      read(api.GET("/api/qa/cases", { params: { query: { chartId } }, ...options(c) })).then((r) => r.cases ?? []),
  });

export const journeyClaims = (chartId: string) =>
  queryOptions({
    queryKey: ["journey", chartId, "claims"],
    queryFn: (c) =>
      read(api.GET("/api/billing/claims", { params: { query: { chartId } }, ...options(c) })).then(
        (r) => r.claims ?? [],
      ),
  });

/** What reports read of the chart; null while they have nothing. */
export const journeyFact = (chartId: string) =>
  queryOptions({
    queryKey: ["journey", chartId, "fact"],
    queryFn: async (c) => {
      try {
        return await read(
          api.GET("/api/reports/call-facts/{chartId}", { params: { path: { chartId } }, ...options(c) }),
        );
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return null;
        throw error;
      }
    },
  });

/** How many entries of each resource are read; the audit page has them all. */
const entriesRead = 100;

/** Entries about a resource, e.g. "charts/…". Reading them is itself recorded, so nobody polls this. */
export const journeyEvents = (resource: string) =>
  queryOptions({
    queryKey: ["journey", "events", resource],
    queryFn: ({ signal }) =>
      read(api.GET("/api/audit/events", { params: { query: { resource, pageSize: entriesRead } }, signal })).then(
        (r) => ({
          events: r.events ?? [],
          more: Boolean(r.nextPageToken),
        }),
      ),
  });
