import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, nextPage, read, type Schema } from "@/api";
import type { Json } from "./diff";

export type Policy = Schema<"v1Policy">;
export type Version = Omit<Schema<"v1PolicyVersion">, "document"> & { document?: Json };

export const policiesQuery = infiniteQueryOptions({
  queryKey: ["governance", "policies"],
  queryFn: ({ pageParam, signal }) =>
    read(api.GET("/api/governance/policies", { params: { query: { pageToken: pageParam } }, signal })),
  ...nextPage,
});

export const versionsQuery = (key: string) =>
  infiniteQueryOptions({
    queryKey: ["governance", "versions", key],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET("/api/governance/policies/{key}/versions", {
          params: { path: { key }, query: { pageToken: pageParam } },
          signal,
        }),
      ),
    ...nextPage,
  });

export const versionQuery = (key: string, version: number) =>
  queryOptions({
    queryKey: ["governance", "version", key, version],
    queryFn: ({ signal }) =>
      read<Version>(
        api.GET("/api/governance/policies/{key}/versions/{version}", { params: { path: { key, version } }, signal }),
      ),
  });

export const activateVersion = (key: string, version: number) =>
  read<Version>(
    api.POST("/api/governance/policies/{key}/versions/{version}:activate", {
      params: { path: { key, version } },
      body: {},
    }),
  );

export const createVersion = (key: string, document: Json, comment: string) =>
  read<Version>(
    api.POST("/api/governance/policies/{key}/versions", {
      params: { path: { key } },
      // The document has the form of its policy, which the API document does not know.
      body: { document: document as Record<string, never>, comment },
    }),
  );
