import { useState } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { useSession } from "../../session.tsx";
import { dateTime } from "../../time.ts";
import { Confirm } from "../../ui/form.tsx";
import { Card } from "../../ui/page.tsx";
import { Problem } from "../../ui/states.tsx";
import { Slots } from "../patient/Slots.tsx";

/** Gives an appointment up, or, before its patient has arrived, moves it to another time. */
export function Cancel({ a, arrived }: { a: Message<"Appointment">; arrived: boolean }) {
  const { role } = useSession();
  const id = a.appointmentId ?? "";
  const act = useAct(
    () =>
      ask(() =>
        api.POST("/api/telehealth/v1/appointments/{appointmentId}:cancel", {
          params: { path: { appointmentId: id } },
          body: { reason: role === "provider" ? "CANCEL_REASON_PROVIDER" : "CANCEL_REASON_PATIENT" },
        }),
      ),
    [["appointment", id], ["appointments"]],
  );
  const [moving, setMoving] = useState(false);
  return (
    <Card title="Change this appointment">
      <div className="row">
        {role === "patient" && !arrived && !moving ? (
          <button type="button" className="button" onClick={() => setMoving(true)}>
            Choose another time
          </button>
        ) : null}
        <Confirm
          label="Cancel the appointment"
          title="Cancel the appointment?"
          body="The time becomes free for others."
          act={() => act.mutate()}
          busy={act.isPending}
        />
      </div>
      {moving && !arrived ? <Move a={a} done={() => setMoving(false)} /> : null}
      <Problem error={act.error} />
    </Card>
  );
}

/** One request: the appointment is at the new time or still at the old one, never at both or neither. */
function Move({ a, done }: { a: Message<"Appointment">; done: () => void }) {
  const appointmentId = a.appointmentId ?? "";
  const [slot, setSlot] = useState<{ startTime: string; requestId: string }>();
  const move = useAct(
    (body: { startTime: string; requestId: string }) =>
      ask(() => api.POST("/api/telehealth/v1/appointments/{appointmentId}:reschedule", { params: { path: { appointmentId } }, body })),
    [["appointments"], ["appointment", appointmentId], ["slots", a.providerId]],
  );
  return (
    <div className="stack">
      <Slots
        providerId={a.providerId ?? ""}
        chosen={slot?.startTime}
        choose={(startTime) => setSlot({ startTime, requestId: crypto.randomUUID() })}
      />
      <Problem error={move.error} />
      <div className="row">
        {slot ? (
          <button type="button" className="button main" disabled={move.isPending} onClick={() => move.mutate(slot, { onSuccess: done })}>
            Move to {dateTime(slot.startTime)}
          </button>
        ) : null}
        <button type="button" className="button" disabled={move.isPending} onClick={done}>
          Keep the time
        </button>
      </div>
    </div>
  );
}
