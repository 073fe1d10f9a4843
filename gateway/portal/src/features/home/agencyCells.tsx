import { useQueries, useQuery } from "@tanstack/react-query";
import { api, ApiProblem, explain, read, type Schema } from "@/api";
import { formatNumber } from "@/time";
import { Skeleton } from "@/ui";
import { caseFigures, claimFigures, openAlerts } from "./figures";
import { caseSummaryQuery, chartSummaryQuery, claimSummaryQuery, modulesQuery } from "./queries";

export type Agency = Schema<"v1Agency">;

/** A figure of one agency in a table of many; refused is not zero. */
function Figure({ value, note, error }: { value: number | undefined; note?: string; error: unknown }) {
  if (value !== undefined) {
    return (
      <span className="whitespace-nowrap tabular-nums">
        {formatNumber(value)}
        {note ? <span className="text-faint"> {note}</span> : null}
      </span>
    );
  }
  if (error) {
    return (
      <span title={explain(error).title} className="text-xs whitespace-nowrap text-faint">
        {error instanceof ApiProblem && error.reason.startsWith("NOTICE_") ? "notice not read" : "not readable"}
      </span>
    );
  }
  return <Skeleton className="ml-auto h-4 w-8" />;
}

export function ModulesCell({ agency }: { agency: Agency }) {
  const { data, error } = useQuery(modulesQuery(agency.id ?? ""));
  const all = data?.modules;
  return <Figure value={all?.filter((m) => m.enabled).length} note={all ? `of ${all.length}` : ""} error={error} />;
}

export function ChartsCell({ agency }: { agency: Agency }) {
  const { data, error } = useQuery(chartSummaryQuery(agency.timeZone, agency.id));
  return <Figure value={data ? (data.charts ?? 0) : undefined} error={error} />;
}

export function CasesCell({ agency }: { agency: Agency }) {
  const { data, error } = useQuery(caseSummaryQuery(agency.id));
  const figures = data ? caseFigures(data) : undefined;
  return (
    <Figure value={figures?.pending} note={figures && figures.high > 0 ? `(${figures.high} high)` : ""} error={error} />
  );
}

export function ClaimsCell({ agency }: { agency: Agency }) {
  const { data, error } = useQuery(claimSummaryQuery(agency.id));
  return <Figure value={data ? claimFigures(data).draft : undefined} error={error} />;
}

/** DEA and CMS together. Each reading is evidence, so it is not repeated while the page is open. */
export function AlertsCell({ agency }: { agency: Agency }) {
  const headers = { "X-Agency-Id": agency.id ?? "" };
  const params = { query: { pageSize: 100 } };
  const [dea, cms] = useQueries({
    queries: [
      {
        queryKey: ["home", "dea-alerts", agency.id],
        queryFn: ({ signal }) => read(api.GET("/api/dea/expiration-alerts", { params, headers, signal })),
        staleTime: Infinity,
      },
      {
        queryKey: ["home", "cms-alerts", agency.id],
        queryFn: ({ signal }) => read(api.GET("/api/cms/expiration-alerts", { params, headers, signal })),
        staleTime: Infinity,
      },
    ],
  });
  const value =
    dea.data && cms.data ? openAlerts(dea.data.alerts).length + openAlerts(cms.data.alerts).length : undefined;
  return <Figure value={value} error={dea.error ?? cms.error} />;
}
