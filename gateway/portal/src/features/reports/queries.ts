import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, nextPage, read, type Schema } from "@/api";
import { agenciesQuery } from "@/features/home/queries";
import { useCan, useMayCross, useMe } from "@/permissions";
import type { Execution } from "./figures";
import { isCoded, type Names } from "./words";

export type Template = Schema<"v1Template">;

export const templatesQuery = queryOptions({
  queryKey: ["reports", "templates"],
  queryFn: async ({ signal }) => {
    const all: Template[] = [];
    let pageToken = "";
    do {
      const page = await read(
        api.GET("/api/reports/templates", { params: { query: { pageSize: 500, pageToken } }, signal }),
      );
      all.push(...(page.templates ?? []));
      pageToken = page.nextPageToken ?? "";
    } while (pageToken);
    return inOrderOfACall(all);
  },
  staleTime: 10 * 60_000,
});

const order = [
  "response-time",
  "turnout-time",
  "system-response-time",
  "on-scene-time",
  "transport-time",
  "turnaround-time",
];

/** The question that is asked most comes first, the others as a call goes by; what is new comes last. */
function inOrderOfACall(templates: readonly Template[]): Template[] {
  const place = (t: Template) => (order.indexOf(t.id ?? "") + order.length + 1) % (order.length + 1);
  return [...templates].sort((a, b) => place(a) - place(b));
}

export const executionsQuery = (template: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["reports", "executions", { template: template ?? "" }],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.GET("/api/reports/executions", {
          params: { query: { pageSize: 25, pageToken: pageParam, ...(template ? { template } : {}) } },
          signal,
        }),
      ),
    ...nextPage,
  });

export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: ["reports", "execution", id],
    queryFn: ({ signal }) => read(api.GET("/api/reports/executions/{id}", { params: { path: { id } }, signal })),
    // An execution is never changed.
    staleTime: Infinity,
  });

export interface RunRequest {
  readonly from: string;
  readonly to: string;
  readonly groupBy: string;
  readonly timeZone: string;
}

export function runTemplate(template: string, body: RunRequest): Promise<Execution> {
  return read(api.POST("/api/reports/templates/{template}:run", { params: { path: { template } }, body }));
}

export type Format = "csv" | "xlsx" | "json";

export interface File {
  readonly name: string;
  readonly data: ArrayBuffer;
  readonly type: string;
}

/** An execution as the service writes it into a file. */
export async function exportExecution(id: string, format: Format): Promise<File> {
  const { data, response } = await api.GET("/api/reports/executions/{id}:export", {
    params: { path: { id }, query: { format } },
    parseAs: "arrayBuffer",
    // A file, of a type that the service says.
    headers: { Accept: "*/*" },
  });
  const named = /filename="?([^";]+)"?/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  return {
    name: named ?? `report-${id}.${format}`,
    data: data as unknown as ArrayBuffer,
    type: response.headers.get("Content-Type") ?? "application/octet-stream",
  };
}

/** Names of what rows are grouped by: NEMSIS codes are fetched when they are shown, agencies for those who see several. */
export function useNames(groupBy: string | undefined): Names {
  const me = useMe();
  const codes = useQuery({
    queryKey: ["reports", "codes"],
    queryFn: async () => (await import("@/features/charts/nemsis/gen/labels")).codes,
    enabled: isCoded(groupBy),
    staleTime: Infinity,
  });
  const agencies = useInfiniteQuery({ ...agenciesQuery, enabled: useMayCross() });
  const byId: Record<string, string> = {};
  for (const agency of [
    ...(agencies.data?.pages.flatMap((page) => page.agencies ?? []) ?? []),
    ...(me.agency ? [me.agency] : []),
  ]) {
    if (agency.id && agency.displayName) byId[agency.id] = agency.displayName;
  }
  return { codes: codes.data ?? {}, agencies: byId };
}

const peopleQuery = queryOptions({
  queryKey: ["reports", "people"],
  queryFn: ({ signal }) => read(api.GET("/api/people", { params: { query: { pageSize: 500 } }, signal })),
  staleTime: 10 * 60_000,
});

/** Who a subject is, for those who may read the directory of the agency; the subject itself otherwise. */
export function useWho(): (subject: string | undefined) => string {
  const me = useMe();
  const people = useQuery({ ...peopleQuery, enabled: useCan("PersonService_ListPeople") });
  return (subject) => {
    if (!subject) return "—";
    if (subject === me.subject) return "You";
    return people.data?.people?.find((p) => p.subject === subject)?.login ?? subject;
  };
}
