import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import type { FieldValues } from "react-hook-form";
import { api, read } from "@/api";
import { Actor, Moment, Outcome } from "@/features/audit/cells";
import { actionWords, outcomeWords } from "@/features/audit/words";
import { dayAfter, dayStart, useZone } from "@/time";
import {
  DataList,
  DateRangeFilter,
  EmptyState,
  Filters,
  linkClass,
  Notice,
  rowsOf,
  Section,
  SelectFilter,
  StatusBadge,
  type Column,
} from "@/ui";
import { Frame, keepAgency, pathIn } from "./Frame";
import type { AuditLog, Head, LogQuery, Workspace } from "./model";
import { provePage, type PageProof, type ProvenEvent } from "./proven";
import { allQuery, logQuery } from "./queries";
import type { LogSearch } from "./search";

/** What can be looked for, in the order in which a record lives; the words are those of the entries. */
const methods = (name: "dea" | "cms") => {
  const w = name === "dea" ? "Dea" : "Cms";
  const common = [
    "Create#Metadata",
    "Update#Metadata",
    "Delete#Metadata",
    "Get#Metadata",
    "List#Metadata",
    "Export#Metadata",
    "Acknowledge#Alert",
    "Snooze#Alert",
    "Create#Note",
    "Acknowledge#Notice",
  ];
  const own = name === "dea" ? ["Create#Grant", "Revoke#Grant", "Update#Access"] : [];
  return [...common, ...own]
    .map((method) => method.replace("#", w))
    .map((method) => ({ value: method, label: actionWords(`/${method}`) }));
};

/** Everything that was done in a workspace, each entry verified here. */
export function LogPage<R extends Head, V extends FieldValues>({
  ws,
  search,
}: {
  ws: Workspace<R, V>;
  search: LogSearch;
}) {
  const zone = useZone();
  const filter: LogQuery = {
    ...(search.method ? { method: search.method } : {}),
    ...(search.outcome ? { outcome: search.outcome } : {}),
    ...(search.from ? { from: dayStart(search.from, zone).toISOString() } : {}),
    ...(search.to ? { to: dayStart(dayAfter(search.to), zone).toISOString() } : {}),
  };
  const log = useInfiniteQuery(logQuery(ws, filter));
  const all = useQuery(allQuery(ws));
  const proofs = useProofs(ws.name, log.data?.pages);
  const active = (["method", "outcome", "from", "to"] as const).filter((name) => search[name]);
  return (
    <Frame
      ws={ws}
      title="Audit log"
      lead="Everything that was done here, and everything that was refused. This browser checks each entry against the signed log."
    >
      <ProofNotice proofs={proofs} pages={log.data?.pages} />
      <Filters label="Filter entries" active={active}>
        <SelectFilter
          half
          name="method"
          label="Action"
          all="All actions"
          value={search.method}
          options={methods(ws.name)}
        />
        <SelectFilter
          half
          name="outcome"
          label="Outcome"
          all="All outcomes"
          value={search.outcome}
          options={Object.entries(outcomeWords).map(([value, { label }]) => ({ value, label }))}
        />
        <DateRangeFilter from={search.from} to={search.to} />
      </Filters>
      <Section title="Entries" note="The newest first" flush>
        <DataList
          query={log}
          caption="Audit log"
          columns={columns(ws, proofs, all.data)}
          rows={rowsOf(log, (page) => page.events)}
          rowKey={(e) => e.event?.id ?? ""}
          empty={<EmptyState title="No entry matches">Take a filter away to see more.</EmptyState>}
        />
      </Section>
    </Frame>
  );
}

/** Proves each page as it arrives; undefined while that is under way. */
function useProofs(workspace: string, pages: readonly AuditLog[] | undefined): PageProof[] | undefined {
  const key = useQuery({
    queryKey: ["audit", "checkpoint", "key"],
    queryFn: ({ signal }) => read(api.GET("/api/audit/checkpoint", { signal })).then((c) => c.verifierKey ?? ""),
    staleTime: Infinity,
  });
  const roots = pages?.map((page) => `${page.rootHash ?? ""} ${page.events?.[0]?.event?.id ?? ""}`);
  const proofs = useQuery({
    queryKey: [workspace, "proofs", roots],
    queryFn: () => Promise.all((pages ?? []).map((page) => provePage(page, key.data ?? ""))),
    enabled: pages !== undefined && key.data !== undefined,
    staleTime: Infinity,
  });
  return proofs.data;
}

function ProofNotice({
  proofs,
  pages,
}: {
  proofs: readonly PageProof[] | undefined;
  pages: readonly AuditLog[] | undefined;
}) {
  const id = useId();
  const shown = pages?.reduce((n, page) => n + (page.events?.length ?? 0), 0) ?? 0;
  const proven = proofs?.reduce((n, page) => n + page.proven.size, 0) ?? 0;
  const size = proofs?.at(0)?.treeSize ?? 0;
  return (
    <div role="status" id={id} className="min-h-[3.4rem]">
      {!proofs || !pages ? (
        <Notice title="This browser is checking the entries" />
      ) : proven === shown && proofs.every((p) => p.signed) ? (
        <Notice tone="success" title={`Verified in this browser: ${proven} of ${shown} entries`}>
          Each is in the log of {size.toLocaleString("en-US")} entries that the checkpoint signs for, unchanged.
        </Notice>
      ) : (
        <Notice tone="danger" title={`${shown - proven} of ${shown} entries could not be verified`}>
          The log does not hold them as they are shown here. Tell your compliance officer before you rely on this page.
        </Notice>
      )}
    </div>
  );
}

function columns<R extends Head, V extends FieldValues>(
  ws: Workspace<R, V>,
  proofs: readonly PageProof[] | undefined,
  records: readonly R[] | undefined,
): Column<ProvenEvent>[] {
  const proven = (id: string | undefined) => proofs?.some((page) => page.proven.has(id ?? ""));
  const names = new Map(records?.map((record) => [`${ws.name}/metadata/${record.id ?? ""}`, ws.nameOf(record)]));
  return [
    { id: "when", header: "When", rowHeader: true, cell: ({ event }) => <Moment value={event?.occurredTime} /> },
    {
      id: "what",
      header: "Action",
      cell: ({ event }) => (
        <>
          {actionWords(event?.action ?? "")}
          <About ws={ws} resource={event?.resource ?? ""} names={names} />
        </>
      ),
    },
    { id: "changes", header: "Changes", cell: ({ event }) => (event ? <Changes event={event} /> : null) },
    { id: "who", header: "Who", cell: ({ event }) => (event ? <Actor event={event} /> : null), minor: true },
    { id: "outcome", header: "Outcome", cell: ({ event }) => (event ? <Outcome event={event} /> : null) },
    {
      id: "proof",
      header: "Proof",
      cell: ({ event }) => {
        const held = proven(event?.id);
        if (held === undefined) return <span className="text-faint">Checking…</span>;
        return <StatusBadge tone={held ? "success" : "danger"}>{held ? "Verified" : "Not verified"}</StatusBadge>;
      },
    },
  ];
}

/** The record that an entry is about, by its name while it is in force. */
function About({
  ws,
  resource,
  names,
}: {
  ws: { name: "dea" | "cms"; one: string };
  resource: string;
  names: ReadonlyMap<string, string>;
}) {
  const id = new RegExp(`^${ws.name}/metadata/([\\w-]+)$`).exec(resource)?.[1];
  if (!id) return null;
  return (
    <span className="block text-xs">
      <Link to={pathIn(ws, `/records/${id}`)} search={keepAgency} className={linkClass}>
        {names.get(resource) ?? `Retired ${ws.one}`}
      </Link>
    </span>
  );
}

function Changes({ event }: { event: NonNullable<ProvenEvent["event"]> }) {
  if (!event.changes?.length) return <span className="text-faint">—</span>;
  return (
    <ul>
      {event.changes.map((c) => (
        <li key={c.field}>
          <span className="text-faint">{c.field}</span> {c.before ? `${c.before} → ` : ""}
          {c.after || "none"}
        </li>
      ))}
    </ul>
  );
}
