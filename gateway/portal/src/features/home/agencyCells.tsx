import { useQueries, useQuery } from "@tanstack/react-query";
import { explain, type Schema } from "@/api";
import { formatNumber } from "@/time";
import { Skeleton } from "@/ui";
import { caseFigures, claimFigures, openAlerts } from "./figures";
import { caseSummaryQuery, chartSummaryQuery, claimSummaryQuery, alertsQuery, modulesQuery } from "./queries";

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
        not readable
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
  const [dea, cms] = useQueries({
    queries: (["dea", "cms"] as const).map((workspace) => ({
      ...alertsQuery(workspace, agency.id),
      staleTime: Infinity,
      refetchInterval: false as const,
    })),
  });
  const both = [dea?.data, cms?.data].filter((one) => one !== undefined);
  if (both.some((one) => one.noticeOpen)) {
    return <span className="text-xs whitespace-nowrap text-faint">notice not read</span>;
  }
  const value = both.length === 2 ? both.reduce((n, one) => n + openAlerts(one.alerts).length, 0) : undefined;
  return <Figure value={value} error={dea?.error ?? cms?.error} />;
}
