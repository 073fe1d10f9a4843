import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useId } from "react";
import type { FieldValues } from "react-hook-form";
import { api, read, type Schema } from "@/api";
import { dayAfter, dayStart, Time, useZone } from "@/time";
import {
  DataList,
  DateRangeFilter,
  EmptyState,
  Filters,
  Notice,
  rowsOf,
  Section,
  SelectFilter,
  StatusBadge,
  type Column,
  type Tone,
} from "@/ui";
import { Frame } from "./Frame";
import type { AuditLog, Head, LogQuery, Workspace } from "./model";
import { provePage, type PageProof, type ProvenEvent } from "./proven";
import { logQuery } from "./queries";
import type { LogSearch } from "./search";

const outcomes: Record<Schema<"v1Outcome">, { label: string; tone: Tone }> = {
  OUTCOME_SUCCESS: { label: "Done", tone: "success" },
  OUTCOME_DENIED: { label: "Refused", tone: "warning" },
  OUTCOME_ERROR: { label: "Failed", tone: "danger" },
};

/** "UpdateDeaMetadata" as words: "Update metadata". */
function actionWords(action: string, workspace: string): string {
  const method = action.split("/").at(-1) ?? "";
  const words = method
    .replace(new RegExp(workspace, "i"), "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const methods = (name: string) => {
  const w = name === "dea" ? "Dea" : "Cms";
  const common = [
    ["Create#Metadata", "Records entered"],
    ["Update#Metadata", "Records changed"],
    ["Delete#Metadata", "Records retired"],
    ["Get#Metadata", "Records read"],
    ["List#Metadata", "Lists read"],
    ["Acknowledge#Alert", "Alerts acknowledged"],
    ["Snooze#Alert", "Alerts snoozed"],
    ["Create#Note", "Notes added"],
    ["Acknowledge#Notice", "Notices acknowledged"],
    ["Export#Metadata", "Exports"],
  ] as const;
  const own =
    name === "dea"
      ? ([
          ["Create#Grant", "Grants given"],
          ["Revoke#Grant", "Grants revoked"],
          ["Update#Access", "Permission changed"],
        ] as const)
      : [];
  return [...common, ...own].map(([method, label]) => ({ value: method.replace("#", w), label }));
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
        <SelectFilter name="method" label="Action" all="All actions" value={search.method} options={methods(ws.name)} />
        <SelectFilter
          name="outcome"
          label="Outcome"
          all="All outcomes"
          value={search.outcome}
          options={Object.entries(outcomes).map(([value, { label }]) => ({ value, label }))}
        />
        <DateRangeFilter from={search.from} to={search.to} />
      </Filters>
      <Section title="Entries" note="The newest first" flush>
        <DataList
          query={log}
          caption="Audit log"
          columns={columns(ws.name, proofs)}
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

function columns(workspace: string, proofs: readonly PageProof[] | undefined): Column<ProvenEvent>[] {
  const proven = (id: string | undefined) => proofs?.some((page) => page.proven.has(id ?? ""));
  return [
    {
      id: "when",
      header: "When",
      rowHeader: true,
      cell: ({ event }) => <Time value={event?.occurredTime} style="seconds" />,
    },
    { id: "what", header: "Action", cell: ({ event }) => actionWords(event?.action ?? "", workspace) },
    {
      id: "changes",
      header: "Changes",
      cell: ({ event }) =>
        event?.changes?.length ? (
          <ul>
            {event.changes.map((c) => (
              <li key={c.field}>
                <span className="text-faint">{c.field}</span> {c.before ? `${c.before} → ` : ""}
                {c.after || "—"}
              </li>
            ))}
          </ul>
        ) : (
          <span className="text-faint">{event?.reason || "—"}</span>
        ),
    },
    {
      id: "who",
      header: "Role",
      cell: ({ event }) => (event?.role ?? "").replaceAll("_", " ") || (event?.service ?? "—"),
      minor: true,
    },
    {
      id: "outcome",
      header: "Outcome",
      cell: ({ event }) => {
        const { label, tone } = outcomes[event?.outcome ?? "OUTCOME_SUCCESS"];
        return <StatusBadge tone={tone}>{label}</StatusBadge>;
      },
    },
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
