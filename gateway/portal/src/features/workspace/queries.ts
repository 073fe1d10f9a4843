import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { nextPage } from "@/api";
import type { FieldValues } from "react-hook-form";
import type { Head, Listing, LogQuery, Workspace } from "./model";

/** As many as the API gives at once: an agency has some ten records. */
const most = 500;

export const noticeQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>) =>
  queryOptions({
    queryKey: [ws.name, "notice"],
    queryFn: ({ signal }) => ws.api.notice(signal),
    staleTime: 5 * 60_000,
  });

/** The records that a filter leaves, a page at a time. */
export const listQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>, filter: Listing) =>
  infiniteQueryOptions({
    queryKey: [ws.name, "records", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      ws.api.list({ ...filter, ...(pageParam ? { pageToken: pageParam } : {}) }, signal),
    ...nextPage,
  });

/** Every record in force, for counting. */
export const allQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>) =>
  queryOptions({
    queryKey: [ws.name, "records", "all"],
    queryFn: async ({ signal }) => {
      const rows: R[] = [];
      let pageToken = "";
      do {
        const page = await ws.api.list({ pageSize: most, ...(pageToken ? { pageToken } : {}) }, signal);
        rows.push(...page.rows);
        pageToken = page.nextPageToken;
      } while (pageToken);
      return rows;
    },
  });

export const recordQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>, id: string) =>
  queryOptions({ queryKey: [ws.name, "records", "one", id], queryFn: ({ signal }) => ws.api.get(id, signal) });

export const alertsQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>, includeResolved: boolean) =>
  infiniteQueryOptions({
    queryKey: [ws.name, "alerts", includeResolved],
    queryFn: ({ pageParam, signal }) =>
      ws.api.alerts({ includeResolved, ...(pageParam ? { pageToken: pageParam } : {}) }, signal),
    ...nextPage,
  });

export const notesQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>, metadataId?: string) =>
  infiniteQueryOptions({
    queryKey: [ws.name, "notes", metadataId ?? ""],
    queryFn: ({ pageParam, signal }) =>
      ws.api.notes({ ...(metadataId ? { metadataId } : {}), ...(pageParam ? { pageToken: pageParam } : {}) }, signal),
    ...nextPage,
  });

export const logQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>, filter: LogQuery) =>
  infiniteQueryOptions({
    queryKey: [ws.name, "log", filter],
    queryFn: ({ pageParam, signal }) =>
      ws.api.log({ ...filter, ...(pageParam ? { pageToken: pageParam } : {}) }, signal),
    ...nextPage,
  });
