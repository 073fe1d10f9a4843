import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, nextPage, read } from "@/api";
import type { ClaimFilter } from "./search";

export const claimsQuery = (filter: ClaimFilter) =>
  infiniteQueryOptions({
    queryKey: ["claims", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET("/api/billing/claims", {
          params: { query: { ...filter, ...(pageParam ? { pageToken: pageParam } : {}) } },
          signal,
        }),
      ),
    ...nextPage,
  });

export const claimSummaryQuery = queryOptions({
  queryKey: ["claims", "summary"],
  queryFn: ({ signal }) => read(api.GET("/api/billing/claim-summary", { signal })),
});

export const claimQuery = (id: string) =>
  queryOptions({
    queryKey: ["claims", "claim", id],
    queryFn: ({ signal }) => read(api.GET("/api/billing/claims/{id}", { params: { path: { id } }, signal })),
  });
