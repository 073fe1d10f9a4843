import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useCan, useMe } from "@/permissions";
import { formatNumber, Time } from "@/time";
import {
  DataList,
  EmptyState,
  Filters,
  linkClass,
  Loaded,
  Page,
  rowsOf,
  Section,
  SelectFilter,
  type Column,
} from "@/ui";
import { CallLine } from "./CallLine";
import { excludedText, totalOf, type Execution } from "./figures";
import { periodBetween, periodText } from "./period";
import { executionsQuery, templatesQuery, useNames, useWho, type Template } from "./queries";
import { elementsOf, firstSentence, groupingLabel } from "./words";

const route = getRouteApi("/reports");

export function ReportsPage() {
  const templates = useQuery(templatesQuery);
  return (
    <Page
      eyebrow="Insight"
      title="Reports"
      lead="How long the parts of a call take, with what was left out and why. Each run is kept with its answer and can be checked."
    >
      <section aria-labelledby="templates" className="flex flex-col gap-3">
        <h2 id="templates" className="text-base leading-6 font-semibold">
          Run a report
        </h2>
        <Loaded query={templates} lines={6}>
          {(list) => <Gallery templates={list} />}
        </Loaded>
      </section>
      <History templates={templates.data ?? []} />
    </Page>
  );
}

function Gallery({ templates }: { templates: readonly Template[] }) {
  const mayRun = useCan("ReportService_RunTemplate");
  return (
    <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
      {templates.map((t) => (
        <li
          key={t.id}
          className={`relative flex flex-col gap-3 rounded-card border border-line bg-card px-4 py-4 ${mayRun ? "transition-colors focus-within:border-line-strong hover:border-line-strong hover:bg-hover" : ""}`}
        >
          <CallLine between={elementsOf(t.description)} />
          <div className="flex flex-1 flex-col gap-1">
            <h3 className="flex items-center justify-between gap-3 text-base leading-6 font-semibold">
              {mayRun ? (
                <Link
                  to="/reports/templates/$template"
                  params={{ template: t.id ?? "" }}
                  className="after:absolute after:inset-0 after:rounded-card"
                >
                  {t.displayName}
                </Link>
              ) : (
                t.displayName
              )}
              {mayRun ? <ArrowRight aria-hidden="true" className="size-4 shrink-0 text-accent-text" /> : null}
            </h3>
            <p className="text-sm text-muted">{firstSentence(t.description)}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function History({ templates }: { templates: readonly Template[] }) {
  const { template } = route.useSearch();
  const query = useInfiniteQuery(executionsQuery(template));
  const columns = useColumns(templates);
  return (
    <Section
      title="Runs"
      note="Newest first. A run keeps the answer that it gave."
      flush
      actions={
        <Filters label="Filter runs" active={template ? ["template"] : []}>
          <SelectFilter
            name="template"
            label="Report"
            all="All reports"
            value={template}
            options={templates.map((t) => ({ value: t.id ?? "", label: t.displayName ?? "" }))}
          />
        </Filters>
      }
    >
      <DataList
        caption="Runs of reports"
        query={query}
        rows={rowsOf(query, (page) => page.executions)}
        rowKey={(e) => e.id ?? ""}
        columns={columns}
        empty={
          template ? (
            <EmptyState title="This report has not been run">Run it above, or take the filter away.</EmptyState>
          ) : (
            <EmptyState title="No report has been run">Choose a report above; its run will be kept here.</EmptyState>
          )
        }
      />
    </Section>
  );
}

function useColumns(templates: readonly Template[]): Column<Execution>[] {
  const me = useMe();
  const who = useWho();
  const names = useNames("agency");
  const title = (e: Execution) => templates.find((t) => t.id === e.template)?.displayName ?? e.template;
  const period = (e: Execution) => periodBetween(e.from, e.to, e.timeZone);
  const left = (e: Execution) => totalOf(e.excluded);
  const columns: Column<Execution>[] = [
    {
      id: "report",
      header: "Report",
      rowHeader: true,
      cell: (e) => (
        <Link to="/reports/executions/$id" params={{ id: e.id ?? "" }} className={`${linkClass} whitespace-nowrap`}>
          {title(e)}
        </Link>
      ),
    },
    {
      id: "period",
      header: "Period",
      cell: (e) => {
        const days = period(e);
        return <span className="whitespace-nowrap tabular-nums">{days ? periodText(days) : "—"}</span>;
      },
    },
    { id: "group", header: "Grouped by", cell: (e) => groupingLabel(e.groupBy), minor: true },
    { id: "n", header: "Calls", align: "end", cell: (e) => formatNumber(e.n) },
    {
      id: "excluded",
      header: "Left out",
      align: "end",
      minor: true,
      cell: (e) => <span title={excludedText(e.excluded) || undefined}>{formatNumber(left(e))}</span>,
    },
    { id: "who", header: "Run by", cell: (e) => <Who name={who(e.executedBy)} />, minor: true },
    { id: "when", header: "Run at", cell: (e) => <Time value={e.createTime} /> },
  ];
  // Only who reads across agencies sees runs of several.
  if (!me.agency) {
    columns.splice(1, 0, {
      id: "agency",
      header: "Agency",
      cell: (e) => (e.agencyId === "0" ? "All agencies" : (names.agencies[e.agencyId ?? ""] ?? e.agencyId)),
    });
  }
  return columns;
}

/** A login, or the beginning of a subject that has no name here. */
function Who({ name }: { name: string }) {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name) ? <span title={name}>{name.slice(0, 8)}…</span> : name;
}
