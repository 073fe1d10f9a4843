import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, nextPage, read } from "@/api";

export const agenciesQuery = infiniteQueryOptions({
  queryKey: ["agencies"],
  queryFn: ({ pageParam, signal }) =>
    read(api.GET("/api/agencies", { params: { query: { pageSize: 100, pageToken: pageParam } }, signal })),
  ...nextPage,
});
