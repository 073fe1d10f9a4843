import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { Upload } from "lucide-react";
import { useState } from "react";
import { useAgencyNames } from "@/features/qa/agencies";
import { Can, useCan } from "@/permissions";
import { isoDay, Time, useZone } from "@/time";
import {
  ButtonLink,
  DataList,
  DateRangeFilter,
  EmptyState,
  Filters,
  linkClass,
  Page,
  rowsOf,
  SearchField,
  Section,
  StatusBadge,
  type Column,
} from "@/ui";
import { chartSearchQuery, chartsQuery, minQuery, type Chart } from "./queries";
import { useSettled } from "./settled";

export function ChartsPage() {
  const search = useSearch({ strict: false });
  const zone = useZone();
  // What is typed stays in the page: it is a number of a record.
  const [typed, setTyped] = useState("");
  const wanted = useSettled(typed.trim());
  const searching = wanted.length >= minQuery;
  return (
    <Page
      eyebrow="Operations"
      title="Charts"
      lead="Patient-care reports as they came in, newest import first."
      actions={
        <Can do="ChartService_ImportCharts">
          <ButtonLink to="/charts/import" look="primary" icon={<Upload aria-hidden="true" className="size-4" />}>
            Import charts
          </ButtonLink>
        </Can>
      }
    >
      <div className="flex flex-wrap items-end gap-3">
        <SearchField
          name="Search charts"
          label="PCR number, incident or unit"
          minLength={minQuery}
          value={typed}
          onChange={setTyped}
        />
        {searching ? null : (
          <Filters
            label="Filter charts"
            active={["from", "to"].filter((name) => search[name as "from" | "to"] !== undefined)}
          >
            <DateRangeFilter from={search.from} to={search.to} max={isoDay(new Date(), zone)} />
          </Filters>
        )}
      </div>
      {searching ? <Found query={wanted} /> : <Listed from={search.from} to={search.to} />}
    </Page>
  );
}

function Listed({ from, to }: { from: string | undefined; to: string | undefined }) {
  const query = useInfiniteQuery(chartsQuery({ from, to }, useZone()));
  const mayImport = useCan("ChartService_ImportCharts");
  const filtered = from !== undefined || to !== undefined;
  return (
    <Section
      title={filtered ? "Charts notified in the period" : "All charts"}
      note="Dates filter by when the unit was notified (eTimes.03)."
      flush
    >
      <DataList
        query={query}
        caption="Charts"
        columns={useColumns()}
        rows={rowsOf(query, (page) => page.charts)}
        rowKey={keyOf}
        empty={
          filtered ? (
            <EmptyState title="No chart in this period">Widen the dates, or clear the filters.</EmptyState>
          ) : (
            <EmptyState
              title="No charts yet"
              action={mayImport ? <ButtonLink to="/charts/import">Import charts</ButtonLink> : undefined}
            >
              {mayImport
                ? "Import NEMSIS files, or connect your ePCR product."
                : "Charts appear here when they are yours to see: those of your crew, or those with an open quality-review case."}
            </EmptyState>
          )
        }
      />
    </Section>
  );
}

function Found({ query: text }: { query: string }) {
  const query = useInfiniteQuery(chartSearchQuery(text));
  return (
    <Section title="Found charts" note="Newest notification first." flush>
      <DataList
        query={query}
        caption="Found charts"
        columns={useColumns()}
        rows={rowsOf(query, (page) => page.charts)}
        rowKey={keyOf}
        empty={
          <EmptyState title="No chart begins with that">
            The search looks at the beginning of PCR number, incident number and unit call sign.
          </EmptyState>
        }
      />
    </Section>
  );
}

const keyOf = (chart: Chart) => chart.id ?? "";

/** Who reads across agencies sees whose a chart is. */
function useColumns(): readonly Column<Chart>[] {
  const agencyOf = useAgencyNames();
  if (!agencyOf) return columns;
  const [pcr, ...rest] = columns;
  const agency: Column<Chart> = { id: "agency", header: "Agency", cell: (c) => agencyOf(c.agencyId ?? "") };
  return [pcr, agency, ...rest].filter((column) => column !== undefined);
}

const columns: readonly Column<Chart>[] = [
  {
    id: "pcr",
    header: "PCR number",
    rowHeader: true,
    cell: (c) => (
      <span className="whitespace-nowrap">
        <Link to="/charts/$chartId" params={{ chartId: c.id ?? "" }} className={linkClass}>
          {c.pcrNumber}
        </Link>
        {(c.version ?? 1) > 1 ? <span className="ms-2 text-xs font-normal text-faint">version {c.version}</span> : null}
      </span>
    ),
  },
  {
    id: "incident",
    header: "Incident",
    cell: (c) => (
      <span className="whitespace-nowrap">{c.incidentNumber || <span className="text-faint">None</span>}</span>
    ),
  },
  {
    id: "unit",
    header: "Unit",
    cell: (c) => (
      <span className="whitespace-nowrap">{c.unitCallSign || <span className="text-faint">None</span>}</span>
    ),
  },
  {
    id: "notified",
    header: "Unit notified",
    cell: (c) =>
      c.unitNotifiedTime ? <Time value={c.unitNotifiedTime} /> : <span className="text-faint">Not recorded</span>,
  },
  { id: "imported", header: "Imported", minor: true, cell: (c) => <Time value={c.importTime} style="relative" /> },
  {
    id: "findings",
    header: "Findings",
    cell: (c) => <FindingCount count={c.findings?.length ?? 0} />,
  },
];

function FindingCount({ count }: { count: number }) {
  if (count === 0) return <span className="text-faint">None</span>;
  return <StatusBadge tone="warning">{count === 1 ? "1 finding" : `${count} findings`}</StatusBadge>;
}
