import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Message } from "../../api/client.ts";
import { appointmentsQuery, providerQuery } from "../../api/queries.ts";
import { appointmentWords } from "../../api/words.ts";
import { dateTime } from "../../time.ts";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Empty, Loading, More, Problem } from "../../ui/states.tsx";
import { Registered } from "./Registered.tsx";

const open = new Set<string | undefined>(["APPOINTMENT_STATE_SCHEDULED", "APPOINTMENT_STATE_IN_PROGRESS"]);

export function Appointments() {
  return <Registered>{(me) => <Mine name={me.givenName ?? ""} />}</Registered>;
}

function Mine({ name }: { name: string }) {
  const query = useInfiniteQuery(appointmentsQuery());
  const all = query.data?.pages.flatMap((p) => p.appointments ?? []) ?? [];
  const next = all.filter((a) => open.has(a.state)).sort((a, b) => (a.startTime ?? "").localeCompare(b.startTime ?? ""));
  const past = all.filter((a) => !open.has(a.state)).sort((a, b) => (b.startTime ?? "").localeCompare(a.startTime ?? ""));
  return (
    <Page
      title="My appointments"
      lead={`Hello ${name}.`}
      aside={
        <Link to="/find" className="button main">
          Book a visit
        </Link>
      }
    >
      {query.isPending ? <Loading /> : null}
      <Problem error={query.error} again={() => void query.refetch()} />
      {query.data ? (
        <>
          <Card title="To come">{next.length ? <List of={next} /> : <Empty>Nothing is booked. Find a provider to book a visit.</Empty>}</Card>
          <Card title="Past">
            {past.length ? <List of={past} /> : <Empty>No visits yet.</Empty>}
            <More query={query} />
          </Card>
        </>
      ) : null}
    </Page>
  );
}

function List({ of }: { of: readonly Message<"Appointment">[] }) {
  return (
    <ul className="list">
      {of.map((a) => (
        <Item key={a.appointmentId} a={a} />
      ))}
    </ul>
  );
}

function Item({ a }: { a: Message<"Appointment"> }) {
  const provider = useQuery(providerQuery(a.providerId ?? ""));
  const [word, kind] = a.state ? appointmentWords[a.state] : ["", undefined];
  return (
    <li className="row apart">
      <div className="stack tight">
        <strong>{provider.data?.displayName ?? "Your provider"}</strong>
        <span>{dateTime(a.startTime)}</span>
        <span>
          <Badge kind={kind}>{word}</Badge>
        </span>
      </div>
      <Link to="/visits/$id" params={{ id: a.appointmentId ?? "" }} className="button small">
        Open <span className="unseen">the visit on {dateTime(a.startTime)}</span>
      </Link>
    </li>
  );
}
