import { queryOptions } from "@tanstack/react-query";
import { api, read, type Schema } from "@/api";
import type { OperationId } from "@/permissions";
import { formatDate, formatTime } from "@/time";

/** One thing that was found. */
export interface Hit {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  /** Where it is; the id in it is a key of the system, nothing that a person was called by. */
  readonly path: string;
}

export interface Source {
  readonly label: string;
  readonly needs: OperationId;
  /** Only while one agency is worked for. */
  readonly find: (text: string, zone: string | undefined, signal: AbortSignal) => Promise<Hit[]>;
}

const most = 6;

const has = (text: string, ...values: (string | undefined)[]) =>
  values.some((v) => v?.toLowerCase().includes(text.toLowerCase()));

const joined = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(" · ");

async function charts(query: string, zone: string | undefined, signal: AbortSignal): Promise<Hit[]> {
  const body = { query, pageSize: most };
  const found = await read(api.POST("/api/clinical/charts:search", { body, signal }));
  return (found.charts ?? []).map((chart) => ({
    id: chart.id ?? "",
    title: `PCR ${chart.pcrNumber ?? ""}`,
    note: joined(
      chart.incidentNumber ? `incident ${chart.incidentNumber}` : "",
      chart.unitCallSign,
      chart.unitNotifiedTime ? formatTime(chart.unitNotifiedTime, zone) : "",
    ),
    path: `/charts/${chart.id ?? ""}`,
  }));
}

const priority: Readonly<Record<Schema<"CasePriority">, string>> = {
  PRIORITY_HIGH: "high priority",
  PRIORITY_MEDIUM: "medium priority",
  PRIORITY_LOW: "low priority",
};

async function cases(query: string, zone: string | undefined, signal: AbortSignal): Promise<Hit[]> {
  const body = { query, pageSize: most };
  const found = await read(api.POST("/api/qa/cases:search", { body, signal }));
  return (found.cases ?? []).map((one) => ({
    id: one.id ?? "",
    title: one.incidentNumber ? `Case on incident ${one.incidentNumber}` : "Case",
    note: joined(
      one.priority ? priority[one.priority] : "",
      one.createTime ? `opened ${formatTime(one.createTime, zone)}` : "",
    ),
    path: `/qa/cases/${one.id ?? ""}`,
  }));
}

async function dea(text: string, _zone: string | undefined, signal: AbortSignal): Promise<Hit[]> {
  const page = await read(api.GET("/api/dea/metadata", { params: { query: { pageSize: 200 } }, signal }));
  return (page.metadata ?? [])
    .filter((r) => has(text, r.registrantName, r.deaRegistrationNumber, r.stationhouse))
    .slice(0, most)
    .map((r) => ({
      id: r.id ?? "",
      title: r.registrantName ?? "DEA registration",
      note: joined(r.deaRegistrationNumber, `expires ${formatDate(r.expirationDate)}`),
      path: `/dea/records/${r.id ?? ""}`,
    }));
}

async function cms(text: string, _zone: string | undefined, signal: AbortSignal): Promise<Hit[]> {
  const page = await read(api.GET("/api/cms/metadata", { params: { query: { pageSize: 200 } }, signal }));
  return (page.metadata ?? [])
    .filter((e) => has(text, e.supplierName, e.npiReference, e.ptanReference))
    .slice(0, most)
    .map((e) => ({
      id: e.id ?? "",
      title: e.supplierName ?? "Medicare enrollment",
      note: joined(e.npiReference ? `NPI ${e.npiReference}` : "", `revalidation ${formatDate(e.revalidationDueDate)}`),
      path: `/cms/records/${e.id ?? ""}`,
    }));
}

async function people(text: string, _zone: string | undefined, signal: AbortSignal): Promise<Hit[]> {
  const page = await read(api.GET("/api/people", { params: { query: { pageSize: 500 } }, signal }));
  return (page.people ?? [])
    .filter((p) => has(text, p.login))
    .slice(0, most)
    .map((p) => ({ id: p.subject ?? "", title: p.login ?? "", note: (p.roles ?? []).join(", "), path: "/people" }));
}

async function agencies(text: string, _zone: string | undefined, signal: AbortSignal): Promise<Hit[]> {
  const page = await read(api.GET("/api/agencies", { params: { query: { pageSize: 500 } }, signal }));
  return (page.agencies ?? [])
    .filter((a) => has(text, a.displayName, a.stateUniqueId, a.agencyNumber))
    .slice(0, most)
    .map((a) => ({
      id: a.id ?? "",
      title: a.displayName ?? "",
      note: joined(a.stateUniqueId, "work for this agency"),
      path: `/home?agency=${a.id ?? ""}`,
    }));
}

/** Where the search looks, each for those who may. */
export const sources: readonly Source[] = [
  { label: "Charts", needs: "ChartService_SearchCharts", find: charts },
  { label: "QA cases", needs: "CaseService_SearchCases", find: cases },
  { label: "DEA registrations", needs: "DeaService_ListDeaMetadata", find: dea },
  { label: "Medicare enrollments", needs: "CmsService_ListCmsMetadata", find: cms },
  { label: "People", needs: "PersonService_ListPeople", find: people },
  { label: "Agencies", needs: "AgencyService_ListAgencies", find: agencies },
];

/** What a source finds. Each search is evidence, so it is not repeated by itself; and nothing of it is kept once the search closes. */
export const hitsQuery = (source: Source, text: string, zone: string | undefined) =>
  queryOptions({
    queryKey: ["search", source.label, text],
    queryFn: ({ signal }) => source.find(text, zone, signal),
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
  });
