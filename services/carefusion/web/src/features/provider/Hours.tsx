import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { useSession } from "../../session.tsx";
import { civil, civilOf, minuteOf, minuteText } from "../../time.ts";
import { Form, Input, Select } from "../../ui/form.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Empty, Loaded, Problem } from "../../ui/states.tsx";
import { Registered } from "./Registered.tsx";

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

export function Hours() {
  return <Registered>{() => <Kept />}</Registered>;
}

function Kept() {
  const { subject } = useSession();
  const query = useQuery({
    queryKey: ["availability", subject],
    queryFn: ({ signal }) =>
      ask(() => api.GET("/api/telehealth/v1/providers/{providerId}/availability", { params: { path: { providerId: subject } }, signal })),
  });
  return (
    <Page title="My hours" lead="When patients can book. Changes do not touch what is booked already.">
      <Loaded query={query}>
        {(a) => (
          <div className="two">
            <Weekly key={JSON.stringify(a.weekly)} a={a} />
            <Exceptions a={a} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

/** 24:00 and 00:00 both end at midnight. */
const span = (h: { startMinute?: number; endMinute?: number }) =>
  `${minuteText(h.startMinute ?? 0)} to ${minuteText(h.endMinute ?? 0)}${(h.endMinute ?? 0) <= (h.startMinute ?? 0) ? " the next day" : ""}`;

function Weekly({ a }: { a: Message<"Availability"> }) {
  const [windows, setWindows] = useState<readonly Message<"Window">[]>(a.weekly ?? []);
  const save = useAct(
    (weekly: Message<"Window">[]) => ask(() => api.POST("/api/telehealth/v1/providers/me/availability", { body: { weekly } })),
    [["availability"]],
  );
  const changed = JSON.stringify(windows) !== JSON.stringify(a.weekly ?? []);
  return (
    <Card title="Every week">
      <p className="soft">In {a.timeZone}. An end that is not after the start is on the next day.</p>
      {windows.length === 0 ? <Empty>No hours: nobody can book.</Empty> : null}
      <ul className="list">
        {windows.map((w, i) => (
          <li key={`${w.weekday}-${w.startMinute}`} className="row apart">
            <span>
              {weekdays[w.weekday ?? 0]}, {span(w)}
            </span>
            <button type="button" className="button small" onClick={() => setWindows(windows.filter((_, j) => j !== i))}>
              Remove <span className="unseen">{weekdays[w.weekday ?? 0]}</span>
            </button>
          </li>
        ))}
      </ul>
      <Form
        onSend={(v, form) => {
          const next = { weekday: Number(v("weekday")), startMinute: minuteOf(v("start")), endMinute: minuteOf(v("end")) };
          setWindows([...windows, next].sort((x, y) => (x.weekday ?? 0) - (y.weekday ?? 0) || (x.startMinute ?? 0) - (y.startMinute ?? 0)));
          form.reset();
        }}
      >
        <div className="fields">
          <Select label="Day" name="weekday" options={weekdays.map((d, i) => [String(i), d])} />
          <Input label="From" name="start" type="time" required defaultValue="09:00" />
          <Input label="To" name="end" type="time" required defaultValue="17:00" />
        </div>
        <div>
          <button className="button small">Add</button>
        </div>
      </Form>
      <Problem error={save.error} />
      <div className="row">
        <button type="button" className="button main" disabled={!changed || save.isPending} onClick={() => save.mutate([...windows])}>
          Save the week
        </button>
        <span role="status">{changed ? "Not saved yet." : ""}</span>
      </div>
    </Card>
  );
}

function Exceptions({ a }: { a: Message<"Availability"> }) {
  const set = useAct(
    (override: Message<"Override">) => ask(() => api.POST("/api/telehealth/v1/providers/me/availability/overrides", { body: { override } })),
    [["availability"]],
  );
  return (
    <Card title="Single days">
      {a.overrides?.length ? (
        <ul className="list">
          {a.overrides.map((o) => (
            <li key={civil(o.date)} className="row apart">
              <strong>{civil(o.date)}</strong>
              <span>{o.hours?.length ? o.hours.map(span).join(", ") : "Closed"}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Empty>No day differs from the week.</Empty>
      )}
      <Form
        onSend={(v, form) => {
          const closed = v("open") === "closed";
          const hours = closed ? [] : [{ startMinute: minuteOf(v("start")), endMinute: minuteOf(v("end")) }];
          set.mutate({ date: civilOf(v("date")), hours }, { onSuccess: () => form.reset() });
        }}
      >
        <div className="fields">
          <Input label="Date" name="date" type="date" required />
          <Select
            label="That day I am"
            name="open"
            options={[
              ["closed", "closed"],
              ["open", "open from … to …"],
            ]}
          />
          <Input label="From" name="start" type="time" defaultValue="09:00" required />
          <Input label="To" name="end" type="time" defaultValue="17:00" required />
        </div>
        <Problem error={set.error} />
        <div>
          <button className="button" disabled={set.isPending}>
            Set this day
          </button>
        </div>
      </Form>
    </Card>
  );
}
