import { formatTime, useZone } from "@/time";
import { DataTable, StatusBadge, type Column } from "@/ui";
import { FactText } from "../nemsis/FactText";
import { callTimes, type CallTime } from "./timeline";
import type { ChartFacts } from "../queries";

/** Every eTimes element with what the document says at it. */
export function TimesTable({ times }: { times: ChartFacts["times"] }) {
  const zone = useZone();
  const columns: readonly Column<CallTime>[] = [
    { id: "element", header: "Element", cell: (t) => <span className="text-muted">{t.element}</span> },
    { id: "label", header: "Time", rowHeader: true, cell: (t) => t.label },
    {
      id: "value",
      header: "Recorded",
      cell: (t) =>
        t.at === undefined ? (
          <FactText fact={t.fact} as="text" />
        ) : (
          <span className="inline-flex flex-wrap items-center gap-2 tabular-nums">
            <time dateTime={new Date(t.at).toISOString()}>{formatTime(new Date(t.at), zone, "seconds")}</time>
            {t.outOfOrder ? <StatusBadge tone="warning">Out of order</StatusBadge> : null}
          </span>
        ),
    },
  ];
  return (
    <DataTable
      caption="All times"
      columns={columns}
      rows={callTimes(times)}
      rowKey={(t) => t.element}
      empty="No times"
    />
  );
}
