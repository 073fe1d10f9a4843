import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { useSession } from "../../session.tsx";
import { dateTime } from "../../time.ts";
import { Confirm } from "../../ui/form.tsx";
import { Card } from "../../ui/page.tsx";
import { Problem } from "../../ui/states.tsx";
import { Slots } from "../patient/Slots.tsx";

const cancel = (appointmentId: string, reason: Message<"CancelReason">) =>
  ask(() => api.POST("/api/telehealth/v1/appointments/{appointmentId}:cancel", { params: { path: { appointmentId } }, body: { reason } }));

/** Gives an appointment up, or moves it to another time. */
export function Cancel({ a }: { a: Message<"Appointment"> }) {
  const { role } = useSession();
  const id = a.appointmentId ?? "";
  const act = useAct(
    () => cancel(id, role === "provider" ? "CANCEL_REASON_PROVIDER" : "CANCEL_REASON_PATIENT"),
    [["appointment", id], ["appointments"]],
  );
  const [moving, setMoving] = useState(false);
  return (
    <Card title="Change this appointment">
      <div className="row">
        {role === "patient" && !moving ? (
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
      {moving ? <Move a={a} /> : null}
      <Problem error={act.error} />
    </Card>
  );
}

/** The new time is booked before the old one is given up: nobody is left with neither. */
function Move({ a }: { a: Message<"Appointment"> }) {
  const navigate = useNavigate();
  const [slot, setSlot] = useState<{ start: string; requestId: string }>();
  const move = useAct(
    async (to: { start: string; requestId: string }) => {
      const body = { providerId: a.providerId ?? "", startTime: to.start, requestId: to.requestId, reasonForVisit: a.reasonForVisit ?? "" };
      const next = await ask(() => api.POST("/api/telehealth/v1/appointments", { body }));
      await cancel(a.appointmentId ?? "", "CANCEL_REASON_PATIENT");
      // Here and not when all is read again: this card goes as soon as the appointment counts as cancelled.
      await navigate({ to: "/visits/$id", params: { id: next.appointmentId ?? "" } });
    },
    [["appointments"], ["appointment", a.appointmentId], ["slots", a.providerId]],
  );
  return (
    <div className="stack">
      <Slots providerId={a.providerId ?? ""} chosen={slot?.start} choose={(start) => setSlot({ start, requestId: crypto.randomUUID() })} />
      <Problem error={move.error} />
      {slot ? (
        <div>
          <button type="button" className="button main" disabled={move.isPending} onClick={() => move.mutate(slot)}>
            Move to {dateTime(slot.start)}
          </button>
        </div>
      ) : null}
    </div>
  );
}
