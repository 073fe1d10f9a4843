import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, ask } from "./client.ts";
import { because } from "./problem.ts";

/** How often a page that must be right asks, though it is told of changes. Each read of health information is recorded. */
export const often = 10_000;

const at = (appointmentId: string) => ({ params: { path: { appointmentId } } });

/** The caller's appointments, all or those that begin from an instant on. */
export const appointmentsQuery = (startTime?: string) =>
  infiniteQueryOptions({
    queryKey: ["appointments", startTime ?? ""],
    queryFn: ({ pageParam, signal }) =>
      ask(() =>
        api.GET("/api/telehealth/v1/appointments", {
          params: { query: { pageSize: 200, pageToken: pageParam, ...(startTime ? { startTime } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
  });

export const appointmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["appointment", id],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/appointments/{appointmentId}", { ...at(id), signal })),
    refetchInterval: often,
  });

/** The visit of an appointment; nothing before somebody checked in. */
export const visitQuery = (id: string) =>
  queryOptions({
    queryKey: ["visit", id],
    queryFn: async ({ signal }) => {
      try {
        return await ask(() => api.GET("/api/telehealth/v1/appointments/{appointmentId}/session", { ...at(id), signal }));
      } catch (error) {
        if (because(error, "SESSION_NOT_FOUND")) return null;
        throw error;
      }
    },
    refetchInterval: often,
  });

export const providerQuery = (providerId: string) =>
  queryOptions({
    queryKey: ["provider", providerId],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/providers/{providerId}", { params: { path: { providerId } }, signal })),
    staleTime: 60_000,
  });

export const providersQuery = () =>
  infiniteQueryOptions({
    queryKey: ["providers"],
    queryFn: ({ pageParam, signal }) =>
      ask(() => api.GET("/api/telehealth/v1/providers", { params: { query: { pageSize: 100, pageToken: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
  });

export const patientQuery = (patientId: string) =>
  queryOptions({
    queryKey: ["patient", patientId],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/patients/{patientId}", { params: { path: { patientId } }, signal })),
    staleTime: 60_000,
  });

export const textsQuery = () =>
  queryOptions({
    queryKey: ["texts"],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/consentTexts", { signal })),
  });

export const consentsQuery = (id: string) =>
  queryOptions({
    queryKey: ["consents", id],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/appointments/{appointmentId}/consents", { ...at(id), signal })),
    refetchInterval: often,
  });

export const messagesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["messages", id],
    queryFn: ({ pageParam, signal }) =>
      ask(() =>
        api.GET("/api/telehealth/v1/appointments/{appointmentId}/messages", {
          params: { path: { appointmentId: id }, query: { pageSize: 200, pageToken: pageParam } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
    refetchInterval: often,
  });

export const notesQuery = (id: string) =>
  queryOptions({
    queryKey: ["notes", id],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/appointments/{appointmentId}/notes", { ...at(id), signal })),
  });
