import { operations, type Operation } from "@fleet/permissions";
import { useQueries, useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import type { Schema } from "@/api";
import { Moment, Outcome } from "@/features/audit/cells";
import { actionWords } from "@/features/audit/words";
import { roleTitle } from "@/features/people/roles";
import { useCan, useVerdict } from "@/permissions";
import { Button, DataTable, ErrorState, type Column } from "@/ui";
import { journeyCases, journeyClaims, journeyEvents } from "./queries";
import { hiddenText, Step } from "./Step";
import { MayOpen } from "./steps";

type Event = Schema<"fleetAuditV1Event">;

/** What the log holds about the chart, its case and its claim. Reading it is recorded too, so it is read once and on demand. */
export function AuditStep({ chartId }: { chartId: string }) {
  const verdict = useVerdict("EventService_ListEvents");
  const frame = { title: "Audit entries", by: "audit", last: true };
  if (!verdict.allowed) {
    return (
      <Step {...frame} state="hidden">
        {hiddenText(verdict)}
      </Step>
    );
  }
  return (
    <Step {...frame} state="done" label="Recorded">
      <Entries chartId={chartId} />
    </Step>
  );
}

/** Names of what the fleet made of the chart, as far as the caller sees it. */
function useResources(chartId: string): string[] {
  const cases = useQuery({ ...journeyCases(chartId), enabled: useCan("CaseService_ListCases") });
  const claims = useQuery({ ...journeyClaims(chartId), enabled: useCan("ClaimService_ListClaims") });
  return [
    `charts/${chartId}`,
    ...(cases.data ?? []).map((c) => `cases/${c.id ?? ""}`),
    ...(claims.data ?? []).map((c) => `claims/${c.id ?? ""}`),
  ];
}

function Entries({ chartId }: { chartId: string }) {
  const queries = useQueries({ queries: useResources(chartId).map(journeyEvents) });
  const failed = queries.find((q) => q.error && !q.data);
  const pending = queries.some((q) => q.isPending);
  const events = queries
    .flatMap((q) => q.data?.events ?? [])
    .sort((a, b) => (a.occurredTime ?? "").localeCompare(b.occurredTime ?? ""));
  const readings = events.filter(isReading);
  const again = () => {
    for (const q of queries) void q.refetch();
  };
  if (failed) return <ErrorState error={failed.error} retry={again} />;
  return (
    <div className="-mx-4 -my-3">
      <DataTable
        caption="What was done"
        columns={columns}
        rows={pending ? undefined : events.filter((e) => !isReading(e))}
        rowKey={(e) => e.id ?? ""}
        empty={<p className="px-4 py-3 text-muted">The log holds nothing that was done to it yet.</p>}
        skeletonRows={3}
      />
      {readings.length > 0 ? (
        <details className="border-t border-line">
          <summary className="min-h-10 px-4 py-2.5 text-muted hover:text-text">
            {readings.length === 1 ? "1 reading" : `${readings.length} readings`}, your own among them
          </summary>
          <DataTable caption="Who read it" columns={columns} rows={readings} rowKey={(e) => e.id ?? ""} empty="" />
        </details>
      ) : null}
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-2.5">
        <p className="text-xs text-faint">
          {queries.some((q) => q.data?.more)
            ? "The newest entries of each record; the audit page has them all."
            : "All entries of the records that you see."}
        </p>
        <Button icon={<RotateCw aria-hidden="true" className="size-4" />} onClick={again}>
          Look again
        </Button>
      </div>
    </div>
  );
}

const readMethods = new Set(
  Object.values(operations).flatMap((o: Operation) => (o.access === "read" ? [o.method.slice(1)] : [])),
);

/** Whether an entry records that somebody looked, rather than that something was done. */
const isReading = (e: Event) => readMethods.has(e.action ?? "");

const columns: readonly Column<Event>[] = [
  {
    id: "time",
    header: "When",
    cell: (e) => <Moment value={e.occurredTime} />,
  },
  {
    id: "action",
    header: "What",
    rowHeader: true,
    cell: (e) => (
      <MayOpen id="EventService_GetEvent" to={`/audit/events/${e.id ?? ""}`}>
        {actionWords(e.action ?? "")}
      </MayOpen>
    ),
  },
  { id: "about", header: "About", minor: true, cell: (e) => <span className="text-muted">{aboutOf(e.resource)}</span> },
  { id: "who", header: "Role", cell: (e) => <span className="text-muted">{whoOf(e)}</span> },
  {
    id: "outcome",
    header: "Outcome",
    cell: (e) => <Outcome event={e} />,
  },
];

const nouns: Readonly<Record<string, string>> = { charts: "Chart", cases: "Case", claims: "Claim" };

const aboutOf = (resource: string | undefined) => nouns[resource?.split("/")[0] ?? ""] ?? resource ?? "";

function whoOf(e: Event): string {
  if (e.actorKind === "service") return `${e.actor ?? ""} service`;
  return roleTitle(e.role ?? "");
}
