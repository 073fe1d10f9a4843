import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useAgencyNames } from "@/features/qa/agencies";
import { ButtonLink, Columns, DataTable, KeyValue, Loaded, Notice, Page, Section } from "@/ui";
import { agencyOf } from "./AuditPage";
import { Actor, Moment, Outcome, Resource } from "./cells";
import { Code } from "./CheckpointPanel";
import { ProofPanel } from "./ProofPanel";
import { eventQuery, type AuditEvent } from "./queries";
import { actionWords, actorKinds, serviceNames } from "./words";

const route = getRouteApi("/audit/events/$id");

export function EventPage() {
  const { id } = route.useParams();
  const query = useQuery(eventQuery(id));
  return (
    <Page
      eyebrow="Audit entry"
      title={query.data ? actionWords(query.data.action ?? "") : "Audit entry"}
      lead={query.data ? <Moment value={query.data.occurredTime} /> : undefined}
      actions={<ButtonLink to="/audit">Back to the log</ButtonLink>}
    >
      <Loaded query={query} lines={12}>
        {(event) => <Entry event={event} />}
      </Loaded>
    </Page>
  );
}

function Entry({ event }: { event: AuditEvent }) {
  return (
    <Columns wide>
      <div className="flex min-w-0 flex-col gap-6">
        <Facts event={event} />
        <Changes event={event} />
      </div>
      <ProofPanel event={event} />
    </Columns>
  );
}

function Facts({ event }: { event: AuditEvent }) {
  const agencyName = useAgencyNames();
  return (
    <Section title="What happened">
      <div className="flex flex-col gap-4">
        <KeyValue
          columns={2}
          items={[
            ["Outcome", <Outcome key="outcome" event={event} />],
            ["Who", <Actor key="actor" event={event} />],
            ["Kind of actor", actorKinds[event.actorKind ?? ""] ?? event.actorKind],
            ["Service", serviceNames[event.service ?? ""] ?? event.service],
            agencyName ? ["Agency", agencyOf(event, agencyName)] : null,
            event.executedBy ? ["Authority", event.executedBy] : null,
            event.policyVersionId ? ["Policy version", event.policyVersionId] : null,
          ]}
        />
        <hr className="border-line" />
        <KeyValue
          items={[
            ["Resource", <Resource key="resource" name={event.resource} />],
            ["Happened", <Moment key="occurred" value={event.occurredTime} />],
            ["In the log since", <Moment key="log" value={event.logTime} />],
            ["RPC", <Code key="rpc" text={event.action ?? ""} />],
            ["Request", <Code key="request" text={event.requestId ?? ""} />],
            ["Subject", <Code key="subject" text={event.actor ?? ""} />],
          ]}
        />
      </div>
      {event.accessReason ? (
        <div className="mt-4">
          <Notice tone="info" title="Reason given for reading across agencies">
            {event.accessReason}
          </Notice>
        </div>
      ) : null}
    </Section>
  );
}

function Changes({ event }: { event: AuditEvent }) {
  return (
    <Section title="Changes" note="Identifiers are masked before they are written." flush>
      <DataTable
        caption="Changed fields with their values before and after"
        rows={event.changes ?? []}
        rowKey={(change) => change.field ?? ""}
        empty={<p className="px-4 py-6 text-sm text-muted">This action changed no field that the log keeps.</p>}
        columns={[
          {
            id: "field",
            header: "Field",
            rowHeader: true,
            cell: (c) => <span className="break-words">{c.field}</span>,
          },
          { id: "before", header: "Before", cell: (c) => <Value text={c.before} tone="text-muted" /> },
          { id: "after", header: "After", cell: (c) => <Value text={c.after} tone="text-text" /> },
        ]}
      />
    </Section>
  );
}

function Value({ text, tone }: { text: string | undefined; tone: string }) {
  return text ? <span className={`break-words ${tone}`}>{text}</span> : <span className="text-faint">none</span>;
}
