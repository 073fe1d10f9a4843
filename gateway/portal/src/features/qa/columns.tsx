import { Link } from "@tanstack/react-router";
import { formatNumber } from "@/time";
import { classes, linkClass, type Column } from "@/ui";
import { ClassMark, PriorityBadge, StateBadge } from "./badges";
import { Since } from "./Since";
import { byStrictness, triggerName, type Case } from "./words";

/** The columns of a list of cases: the agency for who reads across agencies, the state where the list mixes states. */
export function caseColumns({
  agencyOf,
  mixed,
}: {
  agencyOf: ((id: string) => string) | null;
  mixed: boolean;
}): Column<Case>[] {
  return [
    {
      id: "incident",
      header: "Incident",
      rowHeader: true,
      cell: (c) => <Incident of={c} />,
    },
    ...(agencyOf ? [{ id: "agency", header: "Agency", cell: (c: Case) => agencyOf(c.agencyId ?? "") }] : []),
    { id: "priority", header: "Priority", width: "w-28", cell: (c) => <PriorityBadge priority={c.priority} /> },
    { id: "triggers", header: "Strictest trigger", cell: (c) => <Strictest of={c} /> },
    { id: "class", header: "Class", minor: true, cell: (c) => <ClassMark of={c} /> },
    ...(mixed
      ? [{ id: "state", header: "State", width: "w-32", cell: (c: Case) => <StateBadge state={c.state} /> }]
      : []),
    { id: "opened", header: "Opened", cell: (c) => <Since at={c.createTime} /> },
  ];
}

function Incident({ of }: { of: Case }) {
  const charts = of.chartIds?.length ?? 0;
  return (
    <>
      <Link
        to="/qa/cases/$caseId"
        params={{ caseId: of.id ?? "" }}
        className={classes(linkClass, "sm:whitespace-nowrap")}
      >
        {of.incidentNumber || "Without a number"}
      </Link>
      {charts > 1 ? <span className="block text-xs font-normal text-faint">{formatNumber(charts)} charts</span> : null}
    </>
  );
}

function Strictest({ of }: { of: Case }) {
  const [first, ...others] = byStrictness(of.triggers);
  if (!first) return <span className="text-faint">None at present</span>;
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-2">
      <span>{triggerName(first.code)}</span>
      {others.length > 0 ? (
        <span className="text-xs text-faint" title={others.map((t) => triggerName(t.code)).join(", ")}>
          and {others.length} more
        </span>
      ) : null}
    </span>
  );
}
