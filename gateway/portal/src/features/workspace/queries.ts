import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { nextPage } from "@/api";
import type { FieldValues } from "react-hook-form";
import type { Head, Listing, LogQuery, PageOf, Workspace } from "./model";

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

/** The rows of all pages of a list, for what is counted or picked out rather than paged through. */
async function allOf<T>(list: (page: { pageSize: number; pageToken?: string }) => Promise<PageOf<T>>): Promise<T[]> {
  const rows: T[] = [];
  let pageToken = "";
  do {
    const page = await list({ pageSize: most, ...(pageToken ? { pageToken } : {}) });
    rows.push(...page.rows);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return rows;
}

/** Every record in force, for counting. */
export const allQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>) =>
  queryOptions({
    queryKey: [ws.name, "records", "all"],
    queryFn: ({ signal }) => allOf((page) => ws.api.list(page, signal)),
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

/** Every alert of one record. The list has no filter by record, and those of others, resolved long ago, come first in it. */
export const alertsOfRecordQuery = <R extends Head, V extends FieldValues>(ws: Workspace<R, V>, id: string) =>
  queryOptions({
    queryKey: [ws.name, "alerts", "of-record", id],
    queryFn: async ({ signal }) => {
      const all = await allOf((page) => ws.api.alerts({ includeResolved: true, ...page }, signal));
      return all.filter((alert) => alert.record === `${ws.name}/metadata/${id}`);
    },
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
