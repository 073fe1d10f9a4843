import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, ask } from "../../api/client.ts";
import { dateTime } from "../../time.ts";
import { Card, Page } from "../../ui/page.tsx";
import { Empty, Loading, More, Problem } from "../../ui/states.tsx";

export const encountersQuery = () => ({
  queryKey: ["encounters"],
  queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) =>
    ask(() => api.GET("/api/telehealth/v1/encounters", { params: { query: { pageSize: 100, pageToken: pageParam } }, signal })),
  initialPageParam: "",
  getNextPageParam: (last: { nextPageToken?: string }) => last.nextPageToken || undefined,
});

export function Encounters() {
  const query = useInfiniteQuery(encountersQuery());
  const all = query.data?.pages.flatMap((p) => p.encounters ?? []) ?? [];
  return (
    <Page title="Visits to bill" lead="Visits that took place. Billing sees when and for whom, and nothing of what was said.">
      {query.isPending ? <Loading /> : null}
      <Problem error={query.error} again={() => void query.refetch()} />
      {query.data ? (
        <Card title="Visits">
          {all.length ? null : <Empty>No visit has taken place yet.</Empty>}
          <ul className="list">
            {all.map((e) => (
              <li key={e.appointmentId} className="row apart">
                <div className="stack tight">
                  <strong>{dateTime(e.startTime)}</strong>
                  <span className="id">Patient {e.patientId}</span>
                </div>
                <Link to="/encounters/$id" params={{ id: e.appointmentId ?? "" }} className="button small">
                  Open <span className="unseen">the visit on {dateTime(e.startTime)}</span>
                </Link>
              </li>
            ))}
          </ul>
          <More query={query} />
        </Card>
      ) : null}
    </Page>
  );
}
