import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useAgencyNames } from "@/features/qa/agencies";
import { Can } from "@/permissions";
import { useZone } from "@/time";
import { Card, DataList, EmptyState, Page, Section, Tabs, rowsOf, useSetSearch, type Column } from "@/ui";
import { Action, Actor, Moment, Outcome, Resource } from "./cells";
import { CheckpointPanel } from "./CheckpointPanel";
import { eventsQuery, type AuditEvent } from "./queries";
import { queryOf, streams, type AuditSearch, type StreamName } from "./search";
import { SearchForm } from "./SearchForm";

const route = getRouteApi("/audit");

const tabs: Readonly<Record<StreamName, { label: string; note: string }>> = {
  human: { label: "People", note: "What people and machine clients of agencies did, read or were refused." },
  ai: { label: "AI agents", note: "What AI agents did, under whose authority and under which policy version." },
  system: { label: "Services", note: "What services of the platform did on their own account." },
};

export function AuditPage() {
  const search = route.useSearch();
  const set = useSetSearch();
  const stream = search.stream ?? "human";
  return (
    <Page
      eyebrow="Governance"
      title="Audit"
      lead="Who did, read or was refused what. The log only grows, and this browser checks that by itself."
    >
      <Can do="EventService_GetCheckpoint">
        <CheckpointPanel />
      </Can>
      <Tabs
        label="Streams of the log"
        value={stream}
        // A service is no person: what was chosen for the one stream means nothing in the other.
        onChange={(id) => set({ stream: id === "human" ? undefined : id, actor: undefined }, "push")}
        tabs={streams.map((id) => ({
          id,
          label: tabs[id].label,
          content: id === stream ? <Stream search={search} note={tabs[id].note} /> : null,
        }))}
      />
    </Page>
  );
}

function Stream({ search, note }: { search: AuditSearch; note: string }) {
  const zone = useZone();
  const query = useInfiniteQuery(eventsQuery(queryOf(search, zone)));
  const columns = useColumns(search.stream ?? "human");
  return (
    <div className="flex flex-col gap-5">
      <Card className="no-print">
        <SearchForm search={search} />
      </Card>
      <Section title="Entries" note={note} flush>
        <DataList
          caption="Entries of the audit log, newest first"
          query={query}
          rows={rowsOf(query, (page) => page.events)}
          rowKey={(event) => event.id ?? ""}
          columns={columns}
          empty={
            <EmptyState title="No entry matches">
              Search for less, for a longer period, or in another stream. A new entry takes a second to arrive.
            </EmptyState>
          }
        />
      </Section>
    </div>
  );
}

function useColumns(stream: StreamName): Column<AuditEvent>[] {
  const agencyName = useAgencyNames();
  const always: Column<AuditEvent>[] = [
    { id: "time", header: "Time", width: "lg:w-56", cell: (e) => <Moment value={e.occurredTime} /> },
    { id: "actor", header: stream === "system" ? "Service" : "Actor", cell: (e) => <Actor event={e} /> },
    { id: "action", header: "Action", rowHeader: true, cell: (e) => <Action event={e} link /> },
    { id: "resource", header: "Resource", minor: true, cell: (e) => <Resource name={e.resource} /> },
    { id: "outcome", header: "Outcome", cell: (e) => <Outcome event={e} /> },
  ];
  const agency: Column<AuditEvent>[] = agencyName
    ? [{ id: "agency", header: "Agency", minor: true, cell: (e) => agencyOf(e, agencyName) }]
    : [];
  const authority: Column<AuditEvent>[] =
    stream === "ai"
      ? [
          { id: "authority", header: "Authority", cell: (e) => e.executedBy },
          { id: "policy", header: "Policy version", minor: true, cell: (e) => e.policyVersionId },
        ]
      : [];
  const [time, actor, ...rest] = always;
  return [time, ...agency, actor, ...authority, ...rest].filter((column) => column !== undefined);
}

export function agencyOf(event: AuditEvent, name: (id: string) => string): string {
  return !event.agencyId || event.agencyId === "0" ? "Platform" : name(event.agencyId);
}
