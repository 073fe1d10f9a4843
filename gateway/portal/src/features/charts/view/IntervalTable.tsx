import { useQuery } from "@tanstack/react-query";
import { useCan } from "@/permissions";
import { formatDuration } from "@/time";
import { DataTable, Section, StatusBadge, type Column } from "@/ui";
import { intervalRows, type IntervalRow, type Sources, type Trigger } from "./intervals";
import { casesOfChart, limitsInForce } from "./queries";
import type { Chart } from "../queries";

/** Where limits come from depends on what the caller may read: the policy in force, what a case was judged under, or neither. */
function useSources(chartId: string): Sources & { pending: boolean } {
  const mayReadPolicy = useCan("PolicyService_GetPolicyVersion");
  const maySeeCases = useCan("CaseService_ListCases");
  const policy = useQuery({ ...limitsInForce, enabled: mayReadPolicy });
  const cases = useQuery({ ...casesOfChart(chartId), enabled: maySeeCases });
  const fired = cases.data?.cases?.flatMap((c) => c.triggers ?? []).filter((t: Trigger) => t.chartId === chartId);
  return {
    policy: policy.data ?? null,
    fired: fired ?? null,
    pending: (mayReadPolicy && policy.isPending) || (maySeeCases && cases.isPending),
  };
}

export function IntervalTable({ chart }: { chart: Chart }) {
  const { pending, ...sources } = useSources(chart.id ?? "");
  const rows = intervalRows(chart.facts, sources);
  return (
    <Section title="Intervals" note={noteOf(sources)} flush>
      <DataTable
        caption="Intervals against their limits"
        columns={columnsFor(longestOf(rows))}
        rows={pending ? undefined : rows}
        rowKey={(r) => r.id}
        empty=""
        skeletonRows={7}
      />
    </Section>
  );
}

function noteOf({ policy, fired }: Sources): string {
  if (policy) return `Limits of the policy qa.triggers, version ${policy.version}, in force.`;
  if (fired)
    return "Limits as the quality-review case of this chart was judged; limits that no trigger went over are not visible for your role.";
  return "Limits are not visible for your role.";
}

const columnsFor = (longest: number): readonly Column<IntervalRow>[] => [
  {
    id: "interval",
    header: "Interval",
    rowHeader: true,
    cell: (r) => (
      <>
        {r.label}
        <span className="block text-xs font-normal text-faint">
          {r.from} to {r.to.replace("eTimes", "")}
        </span>
      </>
    ),
  },
  { id: "length", header: "Length", width: "w-2/5", cell: (r) => <Length row={r} longest={longest} /> },
  { id: "limit", header: "Limit", align: "end", cell: (r) => <LimitText row={r} /> },
  { id: "verdict", header: "Verdict", cell: (r) => <VerdictText row={r} /> },
];

/** The end of the scale that all bars share, in seconds. */
function longestOf(rows: readonly IntervalRow[]): number {
  return Math.max(1, ...rows.flatMap((r) => [r.seconds ?? 0, limitOf(r) ?? 0]));
}

const limitOf = ({ verdict }: IntervalRow) =>
  verdict.kind === "over" || verdict.kind === "within" ? verdict.limit.minutes * 60 : undefined;

function Length({ row, longest }: { row: IntervalRow; longest: number }) {
  if (row.invalid) {
    return (
      <>
        <StatusBadge tone="warning">Not usable</StatusBadge>
        <span className="mt-0.5 block text-xs text-faint">Times out of order, or more than a day apart</span>
      </>
    );
  }
  if (row.seconds === undefined) return <span className="text-faint">Unknown</span>;
  return (
    <span className="flex items-center gap-3">
      <span className="w-24 shrink-0 whitespace-nowrap tabular-nums">{formatDuration(row.seconds)}</span>
      <Bar seconds={row.seconds} limit={limitOf(row)} longest={longest} />
    </span>
  );
}

/** The length to the scale of the longest; a mark where the limit is, and what lies beyond it in another shade. */
function Bar({ seconds, limit, longest }: { seconds: number; limit: number | undefined; longest: number }) {
  const at = (n: number) => `${(n / longest) * 100}%`;
  const within = Math.min(seconds, limit ?? seconds);
  return (
    <span aria-hidden="true" className="relative hidden h-2.5 min-w-0 flex-1 rounded-sm bg-raised sm:block">
      <span className="absolute inset-y-0.5 left-0 rounded-sm bg-faint" style={{ width: at(within) }} />
      {seconds > within ? (
        <span
          className="absolute inset-y-0 bg-danger-solid"
          style={{ left: at(within), width: at(seconds - within) }}
        />
      ) : null}
      {limit === undefined ? null : (
        <span className="absolute -inset-y-1 w-0.5 -translate-x-1/2 bg-text" style={{ left: at(limit) }} />
      )}
    </span>
  );
}

function LimitText({ row: { verdict } }: { row: IntervalRow }) {
  switch (verdict.kind) {
    case "over":
    case "within":
      return (
        <span className="whitespace-nowrap tabular-nums" title={verdict.limit.code}>
          {formatDuration(verdict.limit.minutes * 60)}
          <span className="block text-xs text-faint">{verdict.limit.code}</span>
        </span>
      );
    case "none":
      return <span className="text-faint">None set</span>;
    case "unknown":
      return <span className="text-faint">Not judged</span>;
    default:
      return <span className="text-faint">Not visible</span>;
  }
}

function VerdictText({ row: { verdict } }: { row: IntervalRow }) {
  switch (verdict.kind) {
    case "over":
      return <StatusBadge tone="danger">{formatDuration(verdict.overSeconds)} over</StatusBadge>;
    case "within":
      return <StatusBadge tone="success">Within limit</StatusBadge>;
    case "quiet":
      return <StatusBadge tone="success">No trigger fired</StatusBadge>;
    default:
      return <span className="text-faint">—</span>;
  }
}
