import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, type Message } from "../../api/client.ts";
import { dateTime } from "../../time.ts";
import { Input } from "../../ui/form.tsx";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Empty, Loading, Problem } from "../../ui/states.tsx";

const searched = (r: Message<"AuditRecord">) => [r.subject, r.role, r.method, r.outcome, r.target, r.requestId].join(" ").toLowerCase();

export function Audit() {
  const [text, setText] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) =>
      ask(() => api.GET("/api/telehealth/v1/auditRecords", { params: { query: { pageSize: 200, pageToken: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
  });
  const all = query.data?.pages.flatMap((p) => p.records ?? []) ?? [];
  const found = all.filter((r) =>
    text
      .toLowerCase()
      .split(/\s+/)
      .every((word) => searched(r).includes(word)),
  );
  return (
    <Page title="Audit log" lead="Who did what, in a chain of hashes. Records hold no health information.">
      <Chain />
      <Card title="Records">
        <Input
          label="Search in what is loaded"
          hint="Words of the caller, call, outcome, target or request id."
          type="search"
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
        {query.isPending ? <Loading /> : null}
        <Problem error={query.error} again={() => void query.refetch()} />
        {query.data ? (
          <>
            <p role="status" className="soft">
              {found.length} of {all.length} loaded records
            </p>
            {found.length ? <Table of={found} /> : <Empty>No loaded record matches.</Empty>}
            {query.hasNextPage ? (
              <div>
                <button type="button" className="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  Load older records
                </button>
              </div>
            ) : null}
          </>
        ) : null}
      </Card>
    </Page>
  );
}

function Table({ of }: { of: readonly Message<"AuditRecord">[] }) {
  return (
    <div className="table" role="region" aria-label="Audit records" tabIndex={0}>
      <table>
        <caption className="unseen">Audit records, newest first</caption>
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Call</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {of.map((r) => (
            <tr key={r.sequence}>
              <td>{r.sequence}</td>
              <td>{dateTime(r.recordTime)}</td>
              <td>
                {r.role} <span className="id">{r.subject}</span>
              </td>
              <td>
                {r.method?.split("/").pop()} <span className="id">{r.target}</span>
              </td>
              <td>
                <Badge kind={r.outcome === "OK" ? "good" : "bad"}>{r.outcome}</Badge>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Chain() {
  const query = useQuery({
    queryKey: ["chain"],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/auditLog:verify", { signal })),
    enabled: false,
  });
  return (
    <Card
      title="Is it whole?"
      aside={
        <button type="button" className="button small" disabled={query.isFetching} onClick={() => void query.refetch()}>
          Recompute the chain
        </button>
      }
    >
      <Problem error={query.error} />
      {query.data ? (
        <div role="status" className="stack tight">
          <p>
            <Badge kind={query.data.intact ? "good" : "bad"}>{query.data.intact ? "Whole" : "Broken"}</Badge>{" "}
            {query.data.intact
              ? `${query.data.records} records were checked.`
              : `The first record that does not fit is ${query.data.firstBadSequence}.`}
          </p>
          <p className="id">Head {query.data.headSha256}</p>
        </div>
      ) : (
        <Empty>Every record holds the hash of the one before it.</Empty>
      )}
    </Card>
  );
}
