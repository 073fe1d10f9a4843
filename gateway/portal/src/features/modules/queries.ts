import { queryOptions } from "@tanstack/react-query";
import { api, read, type Schema } from "@/api";

export type Module = Schema<"v1Module">;

export const modulesQuery = (agencyId: string) =>
  queryOptions({
    queryKey: ["modules", agencyId],
    queryFn: ({ signal }) =>
      read(api.GET("/api/agencies/{agencyId}/modules", { params: { path: { agencyId } }, signal })),
  });

export const switchModule = (agencyId: string, module: string, enabled: boolean, reason: string) =>
  read(
    api.PUT("/api/agencies/{agencyId}/modules/{module}", {
      params: { path: { agencyId, module } },
      body: { enabled, reason },
    }),
  );

/** Modules that are on and need this one. */
export const neededBy = (modules: readonly Module[], module: string): string[] =>
  modules.filter((m) => m.enabled && m.requires?.includes(module)).map((m) => m.module ?? "");

/** Modules that this one needs and that are off. */
export const missing = (modules: readonly Module[], module: string): string[] => {
  const requires = modules.find((m) => m.module === module)?.requires ?? [];
  return modules.filter((m) => !m.enabled && requires.includes(m.module ?? "")).map((m) => m.module ?? "");
};
