import { useQuery } from "@tanstack/react-query";
import { explain } from "@/api";
import { useCan } from "@/permissions";
import { formatDate, formatNumber, formatRelative, fromCalendarDate, toCalendarDate, useZone } from "@/time";
import { StatTile, type Tone } from "@/ui";
import { caseFigures, claimFigures, openAlerts, percent } from "./figures";
import { caseSummaryQuery, chartSummaryQuery, claimSummaryQuery, alertsQuery, type WorkspaceName } from "./queries";

/** What a tile shows for a query: undefined while it is on its way, null and the reason when it was refused. */
function shown<T>(query: { data: T | undefined; error: unknown }, figure: (data: T) => number) {
  if (query.data !== undefined) return { value: formatNumber(figure(query.data)) };
  return query.error ? { value: null, note: explain(query.error).title } : { value: undefined };
}

export function CaseTiles() {
  const query = useQuery(caseSummaryQuery());
  const figures = query.data ? caseFigures(query.data) : undefined;
  const open = useCan("CaseService_ListCases");
  return (
    <>
      <StatTile
        label="High-priority cases"
        tone={figures && figures.high > 0 ? "danger" : "neutral"}
        note={figures?.oldest ? `oldest case ${formatRelative(figures.oldest)}` : undefined}
        {...shown(query, (d) => caseFigures(d).high)}
        {...(open ? { link: { to: "/qa/cases", search: { priority: "high" } } as never } : {})}
      />
      <StatTile
        label="Cases pending"
        note={figures ? `${formatNumber(figures.underReview)} under review` : undefined}
        {...shown(query, (d) => caseFigures(d).pending)}
        {...(open ? { link: { to: "/qa/cases" } as never } : {})}
      />
    </>
  );
}

export function ClaimTiles() {
  const query = useQuery(claimSummaryQuery());
  const figures = query.data ? claimFigures(query.data) : undefined;
  const all = figures ? figures.draft + figures.ready + figures.noBill : 0;
  const open = useCan("ClaimService_ListClaims");
  const link = (state: string) => (open ? { link: { to: "/billing/claims", search: { state } } as never } : {});
  return (
    <>
      <StatTile
        label="Claims incomplete"
        tone={figures && figures.draft > 0 ? "warning" : "neutral"}
        note={figures ? `${percent(figures.draft, all)} of all claims` : undefined}
        {...shown(query, (d) => claimFigures(d).draft)}
        {...link("draft")}
      />
      <StatTile
        label="Claims ready"
        tone="success"
        note={figures ? `${formatNumber(figures.noBill)} without a bill` : undefined}
        {...shown(query, (d) => claimFigures(d).ready)}
        {...link("ready")}
      />
    </>
  );
}

export function ChartTile() {
  const query = useQuery(chartSummaryQuery(useZone()));
  const open = useCan("ChartService_ListCharts");
  return (
    <StatTile
      label="Charts imported, 30 days"
      note={query.data?.lastImportTime ? `last ${formatRelative(query.data.lastImportTime)}` : undefined}
      {...shown(query, (d) => d.charts ?? 0)}
      {...(open ? { link: { to: "/charts" } as never } : {})}
    />
  );
}

const names = { dea: "DEA alerts open", cms: "CMS alerts open" } as const;

export function AlertTile({ workspace }: { workspace: WorkspaceName }) {
  const query = useQuery(alertsQuery(workspace));
  const unread = query.data?.noticeOpen === true;
  const open = openAlerts(query.data?.alerts);
  const next = open
    .map((a) => fromCalendarDate(a.dueDate))
    .filter((day) => day !== "")
    .toSorted()[0];
  const tone: Tone = open.length > 0 ? "warning" : "neutral";
  return (
    <StatTile
      label={names[workspace]}
      tone={tone}
      note={next ? `next due ${formatDate(toCalendarDate(next))}` : undefined}
      link={{ to: `/${workspace}/alerts` } as never}
      {...(unread ? { value: null, note: "read the notice first" } : shown(query, (d) => openAlerts(d.alerts).length))}
    />
  );
}
