import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { api, ask, type Message } from "../../api/client.ts";
import { appointmentQuery, appointmentsQuery, often, patientQuery } from "../../api/queries.ts";
import { useWatch } from "../../api/watch.ts";
import { appointmentWords } from "../../api/words.ts";
import { clock, dayKey, dayName, midnight, minutesSince } from "../../time.ts";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Empty, Loaded, Loading, Problem } from "../../ui/states.tsx";
import { useSteps } from "../visit/steps.ts";
import { Registered } from "./Registered.tsx";

export function Day() {
  return <Registered>{(me) => <Mine me={me} />}</Registered>;
}

function Mine({ me }: { me: Message<"Provider"> }) {
  return (
    <Page title="My day" lead={me.displayName ?? ""}>
      <Standing me={me} />
      <WaitingRoom />
      <Booked />
    </Page>
  );
}

/** Says why nobody can book, to whom nobody can. */
function Standing({ me }: { me: Message<"Provider"> }) {
  switch (me.state) {
    case "PROVIDER_STATE_PENDING":
      return <p className="note">You wait for an administrator&apos;s approval. Patients cannot book yet.</p>;
    case "PROVIDER_STATE_REJECTED":
      return (
        <div className="note bad stack tight">
          <p>
            <strong>Your registration was rejected.</strong> <span className="words">{me.rejectionReason}</span>
          </p>
          <p>
            Correct what is wrong under <Link to="/licenses">My licences</Link>; you are then looked at again.
          </p>
        </div>
      );
    case "PROVIDER_STATE_SUSPENDED":
      return <p className="note">You are suspended. Patients cannot book.</p>;
    default:
      return null;
  }
}

function WaitingRoom() {
  const client = useQueryClient();
  const [now, setNow] = useState(() => Date.now());
  const query = useQuery({
    queryKey: ["waiting"],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/waitingRoom", { signal })),
    refetchInterval: often,
  });
  const changed = useCallback(() => void client.invalidateQueries({ queryKey: ["waiting"] }), [client]);
  useWatch("/api/telehealth/v1/waitingRoom:watch", changed);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Card title="Waiting room">
      <Loaded query={query}>
        {(data) =>
          data.sessions?.length ? (
            <ul className="list">
              {data.sessions.map((s) => (
                <Waiting key={s.appointmentId} s={s} minutes={minutesSince(s.checkInTime, now)} />
              ))}
            </ul>
          ) : (
            <Empty>Nobody is waiting.</Empty>
          )
        }
      </Loaded>
    </Card>
  );
}

function Waiting({ s, minutes }: { s: Message<"Session">; minutes: number }) {
  const id = s.appointmentId ?? "";
  const steps = useSteps(id);
  const appointment = useQuery({ ...appointmentQuery(id), refetchInterval: false });
  return (
    <li className="stack">
      <div className="row apart">
        <div className="stack tight">
          {appointment.data ? <Name id={appointment.data.patientId ?? ""} /> : null}
          <span className="soft">here for {minutes} min</span>
        </div>
        <div className="row">
          <button type="button" className="button main small" disabled={steps.isPending} onClick={() => steps.mutate(["admit"])}>
            Admit
          </button>
          <Link to="/visits/$id" params={{ id }} className="button small">
            Open the visit
          </Link>
        </div>
      </div>
      <Problem error={steps.error} />
    </li>
  );
}

function Name({ id }: { id: string }) {
  const patient = useQuery(patientQuery(id));
  return <strong>{patient.data ? `${patient.data.givenName} ${patient.data.familyName}` : "Patient"}</strong>;
}

function Booked() {
  const query = useInfiniteQuery({ ...appointmentsQuery(midnight()), refetchInterval: 30_000 });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    // They come by when they were booked: what is next may be on the last page.
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const all = query.data?.pages.flatMap((p) => p.appointments ?? []) ?? [];
  const shown = all
    .filter((a) => a.state !== "APPOINTMENT_STATE_CANCELLED" && a.startTime !== undefined)
    .sort((a, b) => (a.startTime ?? "").localeCompare(b.startTime ?? ""));
  const days = [...new Set(shown.map((a) => dayKey(a.startTime ?? "")))];
  return (
    <>
      {query.isPending ? <Loading /> : null}
      <Problem error={query.error} again={() => void query.refetch()} />
      {query.data && days.length === 0 ? (
        <Card title="Appointments">
          <Empty>Nothing is booked from today on.</Empty>
        </Card>
      ) : null}
      {days.map((day) => {
        const of = shown.filter((a) => dayKey(a.startTime ?? "") === day);
        return (
          <Card key={day} title={dayName(of[0]?.startTime ?? "")}>
            <ul className="list">
              {of.map((a) => (
                <Item key={a.appointmentId} a={a} />
              ))}
            </ul>
          </Card>
        );
      })}
    </>
  );
}

function Item({ a }: { a: Message<"Appointment"> }) {
  const [word, kind] = a.state ? appointmentWords[a.state] : ["", undefined];
  return (
    <li className="row apart">
      <div className="row">
        <strong>{clock(a.startTime)}</strong>
        <Name id={a.patientId ?? ""} />
        <Badge kind={kind}>{word}</Badge>
      </div>
      <Link to="/visits/$id" params={{ id: a.appointmentId ?? "" }} className="button small">
        Open <span className="unseen">the visit at {clock(a.startTime)}</span>
      </Link>
    </li>
  );
}
