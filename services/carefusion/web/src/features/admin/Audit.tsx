import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, type Message } from "../../api/client.ts";
import { dateTime } from "../../time.ts";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Empty, Loading, More, Problem } from "../../ui/states.tsx";
import { Search, type AuditSearch } from "./Search.tsx";

export function Audit() {
  const [search, setSearch] = useState<AuditSearch>({});
  const query = useInfiniteQuery({
    queryKey: ["audit", search],
    queryFn: ({ pageParam, signal }) =>
      ask(() => api.GET("/api/telehealth/v1/auditRecords", { params: { query: { ...search, pageSize: 100, pageToken: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
  });
  const found = query.data?.pages.flatMap((p) => p.records ?? []) ?? [];
  return (
    <Page title="Audit log" lead="Who did what, in a chain of hashes. Records hold no health information.">
      <Chain />
      <Card title="Records">
        <Search onSend={setSearch} />
        {query.isPending ? <Loading /> : null}
        <Problem error={query.error} again={() => void query.refetch()} />
        {query.data ? (
          <>
            <p role="status" className="soft">
              {found.length === 0
                ? ""
                : query.hasNextPage
                  ? `The newest ${found.length} records that match`
                  : found.length === 1
                    ? "1 record matches"
                    : `${found.length} records match`}
            </p>
            {found.length ? <Table of={found} /> : <Empty>No record matches.</Empty>}
            <More query={query} />
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
