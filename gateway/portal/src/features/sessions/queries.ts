import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, nextPage, read, type Schema } from "@/api";

export type Session = Schema<"v1Session">;

export const sessionsQuery = infiniteQueryOptions({
  queryKey: ["sessions"],
  queryFn: ({ pageParam, signal }) =>
    read(api.GET("/api/sessions", { params: { query: { pageToken: pageParam } }, signal })),
  ...nextPage,
  // Another device may end one at any moment.
  staleTime: 0,
});

export const endOne = (id: string) => read(api.DELETE("/api/sessions/{id}", { params: { path: { id } } }));

export const endOthers = () => read(api.POST("/api/sessions:endOthers", { body: {} }));
