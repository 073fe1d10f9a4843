import { getRouteApi } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { formatNumber } from "@/time";
import { classes, DataTable, SelectFilter, StatusBadge, useSetSearch, type Column } from "@/ui";
import { clock, excludedText, isFew, type Row, type SortKey } from "./figures";
import { groupingLabel } from "./words";

const route = getRouteApi("/reports/executions/$id");

/** The order of the rows, kept in the URL; names ascend, figures descend unless turned around. */
export function useOrder(): { key: SortKey; descending: boolean } {
  const { sort, order } = route.useSearch();
  const key = sort ?? "group";
  return { key, descending: order === undefined ? key !== "group" : order === "desc" };
}

interface Figure {
  readonly key: SortKey;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
}

const figures: readonly Figure[] = [
  { key: "n", header: "Calls", cell: (row) => formatNumber(row.n) },
  {
    key: "median",
    header: "Median",
    cell: (row) => <strong className="font-semibold">{clock(row.medianSeconds)}</strong>,
  },
  { key: "p90", header: "90th", cell: (row) => clock(row.p90Seconds) },
  { key: "mean", header: "Mean", cell: (row) => clock(row.meanSeconds) },
  { key: "p10", header: "10th", cell: (row) => clock(row.p10Seconds) },
  { key: "p25", header: "25th", cell: (row) => clock(row.p25Seconds) },
  { key: "p75", header: "75th", cell: (row) => clock(row.p75Seconds) },
  { key: "excluded", header: "Left out", cell: (row) => <LeftOut row={row} /> },
];

/** Each reason with its number, on a line of its own. */
function LeftOut({ row }: { row: Row }) {
  const list = (row.excluded ?? []).filter((e) => (e.n ?? 0) > 0);
  if (list.length === 0) return <span className="text-faint">none</span>;
  return list.map((e) => (
    <span key={e.reason} className="block text-muted">
      {excludedText([e])}
    </span>
  ));
}

export function FewCalls() {
  return <StatusBadge tone="warning">few calls</StatusBadge>;
}

/** The figures of each group; a head orders by its column. */
export function ResultTable({
  rows,
  groupBy,
  name,
}: {
  rows: readonly Row[];
  groupBy: string | undefined;
  name: (group: string) => string;
}) {
  const { key, descending } = useOrder();
  const group = groupingLabel(groupBy);
  const headed = (sortKey: SortKey, label: string) => ({
    id: sortKey,
    header: label,
    head: <Head sortKey={sortKey} label={label} />,
    sorted: key !== sortKey ? undefined : descending ? ("descending" as const) : ("ascending" as const),
  });
  const columns: Column<Row>[] = [
    { ...headed("group", group), rowHeader: true, cell: (row) => <Group row={row} name={name} /> },
    ...figures.map((f): Column<Row> => ({
      ...headed(f.key, f.header),
      align: f.key === "excluded" ? "start" : "end",
      cell: f.cell,
    })),
  ];
  return (
    <>
      {/* Where the head of the table is not there to click. */}
      <div className="border-b border-line p-4 sm:hidden">
        <SelectFilter
          name="sort"
          label="Sort by"
          value={key}
          options={[{ value: "group", label: group }, ...figures.map((f) => ({ value: f.key, label: f.header }))]}
        />
      </div>
      <DataTable
        caption="Figures of each group, in minutes and seconds"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.group ?? ""}
        empty="No figures"
      />
    </>
  );
}

function Group({ row, name }: { row: Row; name: (group: string) => string }) {
  const group = row.group ?? "";
  return (
    <span className={classes("flex flex-wrap items-center gap-x-2 gap-y-1", isShort(name(group)) && "sm:flex-nowrap")}>
      <GroupName group={group} name={name} />
      {isFew(row) ? <FewCalls /> : null}
    </span>
  );
}

/** Days and units stay on a line; labels of codes may be whole sentences. */
const isShort = (name: string) => name.length <= 20;

/** The name of a group, and the code behind it where it is one. */
function GroupName({ group, name }: { group: string; name: (group: string) => string }) {
  const shown = name(group);
  return (
    <span className={isShort(shown) ? "whitespace-nowrap" : ""}>
      {shown}
      {/^\d{7}$/.test(group) && shown !== group ? (
        <span className="ms-2 text-xs font-normal text-faint tabular-nums">{group}</span>
      ) : null}
    </span>
  );
}

function Head({ sortKey, label }: { sortKey: SortKey; label: string }) {
  const { key, descending } = useOrder();
  const set = useSetSearch();
  const chosen = key === sortKey;
  const Icon = !chosen ? ChevronsUpDown : descending ? ArrowDown : ArrowUp;
  // A name begins at A, a figure at the largest.
  const next = chosen ? !descending : sortKey !== "group";
  return (
    <button
      type="button"
      onClick={() => set({ sort: sortKey, order: next ? "desc" : "asc" })}
      className={classes(
        "inline-flex min-h-7 items-center gap-1 rounded-control px-2 hover:bg-hover hover:text-text",
        chosen && "text-text",
      )}
    >
      {label}
      <Icon aria-hidden="true" className="size-3 shrink-0" />
    </button>
  );
}
