import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, nextPage, read } from "@/api";
import type { CaseFilter } from "./search";

export const casesQuery = (filter: CaseFilter) =>
  infiniteQueryOptions({
    queryKey: ["qa", "cases", filter],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET("/api/qa/cases", {
          params: { query: { ...filter, ...(pageParam ? { pageToken: pageParam } : {}) } },
          signal,
        }),
      ),
    ...nextPage,
  });

/** Shortest beginning that the search takes. */
export const minQuery = 2;

/** Cases by the beginning of an incident number, which travels in the body and in no URL. */
export const caseSearchQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ["qa", "search", text],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.POST("/api/qa/cases:search", {
          body: { query: text, ...(pageParam ? { pageToken: pageParam } : {}) },
          signal,
        }),
      ),
    ...nextPage,
    enabled: text.length >= minQuery,
    // What was searched for is a number of a record: it is not kept when nobody looks at it any more.
    gcTime: 0,
  });

export const caseSummaryQuery = queryOptions({
  queryKey: ["qa", "summary"],
  queryFn: ({ signal }) => read(api.GET("/api/qa/case-summary", { signal })),
});

export const caseQuery = (id: string) =>
  queryOptions({
    queryKey: ["qa", "case", id],
    queryFn: ({ signal }) => read(api.GET("/api/qa/cases/{id}", { params: { path: { id } }, signal })),
  });

export const caseHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ["qa", "case", id, "history"],
    queryFn: ({ signal }) => read(api.GET("/api/qa/cases/{id}/history", { params: { path: { id } }, signal })),
  });
