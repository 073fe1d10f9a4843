import { api, read, type Schema } from "@/api";
import type { WorkspaceApi } from "@/features/workspace/model";

export type CmsEnrollment = Schema<"v1CmsEnrollment">;

const page = <T>(rows: T[] | undefined, nextPageToken: string | undefined) => ({
  rows: rows ?? [],
  nextPageToken: nextPageToken ?? "",
});

/** The calls of the CMS workspace. */
export const cmsApi: WorkspaceApi<CmsEnrollment> = {
  list: async (query, signal) => {
    const answer = await read(api.GET("/api/cms/metadata", { params: { query }, signal: signal ?? null }));
    return page(answer.metadata, answer.nextPageToken);
  },
  get: (id, signal) => read(api.GET("/api/cms/metadata/{id}", { params: { path: { id } }, signal: signal ?? null })),
  create: (record, requestId) =>
    read(api.POST("/api/cms/metadata", { params: { query: { requestId } }, body: record })),
  update: (id, record, fields) =>
    read(
      api.PUT("/api/cms/metadata/{id}", {
        params: { path: { id }, query: { updateMask: fields.join(",") } },
        body: record,
      }),
    ),
  retire: (id, reason, etag) =>
    read(api.DELETE("/api/cms/metadata/{id}", { params: { path: { id }, query: { reason, etag } } })),
  alerts: async (query, signal) => {
    const answer = await read(api.GET("/api/cms/expiration-alerts", { params: { query }, signal: signal ?? null }));
    return page(answer.alerts, answer.nextPageToken);
  },
  acknowledge: (id) =>
    read(api.POST("/api/cms/expiration-alerts/{id}:acknowledge", { params: { path: { id } }, body: {} })),
  snooze: (id, untilDate, reason) =>
    read(api.POST("/api/cms/expiration-alerts/{id}:snooze", { params: { path: { id } }, body: { untilDate, reason } })),
  notes: async (query, signal) => {
    const answer = await read(api.GET("/api/cms/compliance-note", { params: { query }, signal: signal ?? null }));
    return page(answer.notes, answer.nextPageToken);
  },
  addNote: (note) => read(api.POST("/api/cms/compliance-note", { body: note })),
  log: (query, signal) => read(api.GET("/api/cms/audit-log", { params: { query }, signal: signal ?? null })),
  notice: (signal) => read(api.GET("/api/cms/notice", { signal: signal ?? null })),
  acknowledgeNotice: (body) => read(api.POST("/api/cms/notice:acknowledge", { body })),
  export: async () => {
    const archive: unknown = await read(
      api.GET("/api/cms/export", { parseAs: "blob", headers: { Accept: "application/zip" } }),
    );
    return archive as Blob;
  },
};
