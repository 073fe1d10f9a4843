import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, nextPage, read, type Schema } from "@/api";
import { dayAfter, dayStart } from "@/time";

export type Chart = Schema<"v1Chart">;
export type ChartFacts = Schema<"v1ChartFacts">;
export type Finding = Schema<"v1Finding">;

/** First and last day of notification, YYYY-MM-DD in the agency's zone. */
export interface ChartFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function chartsQuery(filter: ChartFilter, zone: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ["charts", "list", filter, zone ?? ""],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET("/api/clinical/charts", {
          params: {
            query: {
              ...(filter.from ? { notifiedFrom: dayStart(filter.from, zone).toISOString() } : {}),
              ...(filter.to ? { notifiedTo: dayStart(dayAfter(filter.to), zone).toISOString() } : {}),
              ...(pageParam ? { pageToken: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    ...nextPage,
  });
}

/** Shortest beginning that the search takes. */
export const minQuery = 2;

/** By the beginning of a number. The number travels in the body: an address ends up in histories and logs. */
export function chartSearchQuery(query: string) {
  return infiniteQueryOptions({
    queryKey: ["charts", "search", query],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.POST("/api/clinical/charts:search", {
          body: { query, ...(pageParam ? { pageToken: pageParam } : {}) },
          signal,
        }),
      ),
    ...nextPage,
    enabled: query.length >= minQuery,
    // What was searched for is a number of a record: it is not kept when nobody looks at it any more.
    gcTime: 0,
  });
}

export function chartQuery(id: string) {
  return queryOptions({
    queryKey: ["charts", "one", id],
    queryFn: ({ signal }) => read(api.GET("/api/clinical/charts/{id}", { params: { path: { id } }, signal })),
  });
}

/** The NEMSIS document as it came in. Nothing keeps it: it holds names, and is asked for again when it is wanted again. */
export function readDocument(id: string, signal?: AbortSignal): Promise<string> {
  return read(
    api.GET("/api/clinical/charts/{id}/nemsis", {
      params: { path: { id } },
      headers: { Accept: "application/xml" },
      parseAs: "text",
      ...(signal ? { signal } : {}),
    }),
  );
}
