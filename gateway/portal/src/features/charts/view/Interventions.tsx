import { formatTime, useZone } from "@/time";
import { DataTable, EmptyState, Section, StatusBadge, type Column } from "@/ui";
import { FactText } from "../nemsis/FactText";
import { interventionsOf, reasonForNone, type Intervention } from "./interventions";
import type { ChartFacts } from "../queries";

/** What was given and done, and what was not, with the marks of the time axis. */
export function Interventions({ facts }: { facts: ChartFacts | undefined }) {
  const { medications, procedures } = interventionsOf(facts);
  const crewOf = (
    list: readonly { crewId?: Parameters<typeof FactText>[0]["fact"] }[] | undefined,
    row: Intervention,
  ) => list?.[Number(row.mark.slice(1)) - 1]?.crewId;
  return (
    <div className="grid gap-6 2xl:grid-cols-2">
      <Section title="Medications" flush>
        <Rows
          caption="Medications"
          rows={medications}
          crew={(row) => crewOf(facts?.medications, row)}
          empty="No medications in the document"
          why={reasonForNone(facts?.medications)}
        />
      </Section>
      <Section title="Procedures" flush>
        <Rows
          caption="Procedures"
          rows={procedures}
          crew={(row) => crewOf(facts?.procedures, row)}
          empty="No procedures in the document"
          why={reasonForNone(facts?.procedures)}
        />
      </Section>
    </div>
  );
}

function Rows({
  caption,
  rows,
  crew,
  empty,
  why,
}: {
  caption: string;
  rows: readonly Intervention[];
  crew: (row: Intervention) => Parameters<typeof FactText>[0]["fact"];
  empty: string;
  /** What the document says in place of them. */
  why: string;
}) {
  const zone = useZone();
  const columns: readonly Column<Intervention>[] = [
    { id: "mark", header: "Mark", cell: (r) => <span className="text-muted tabular-nums">{r.mark}</span> },
    {
      id: "time",
      header: "Time",
      cell: (r) =>
        r.at === undefined ? (
          <span className="text-faint">Not recorded</span>
        ) : (
          <span className="whitespace-nowrap tabular-nums">{formatTime(new Date(r.at), zone, "clock")}</span>
        ),
    },
    {
      id: "name",
      header: caption === "Medications" ? "Medication" : "Procedure",
      rowHeader: true,
      cell: (r) => (
        <>
          {r.name}
          {r.code ? <span className="ms-1.5 text-xs font-normal text-faint">{r.code}</span> : null}
          {r.detail ? <span className="block text-xs font-normal text-muted">{r.detail}</span> : null}
        </>
      ),
    },
    { id: "crew", header: "Crew", minor: true, cell: (r) => <FactText fact={crew(r)} as="text" /> },
    {
      id: "status",
      header: "Status",
      cell: (r) => (
        <>
          <StatusBadge tone={r.done ? "success" : "neutral"}>{r.status}</StatusBadge>
          {r.why ? <span className="mt-0.5 block text-xs text-muted">{r.why}</span> : null}
        </>
      ),
    },
  ];
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={rows}
      rowKey={(r) => r.mark}
      empty={<EmptyState title={empty}>{why ? `It says: ${why.toLowerCase()}.` : undefined}</EmptyState>}
    />
  );
}
