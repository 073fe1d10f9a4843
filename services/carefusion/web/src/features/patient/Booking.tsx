import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { dateTime } from "../../time.ts";
import { Area, Form } from "../../ui/form.tsx";
import { Problem } from "../../ui/states.tsx";
import { Slots } from "./Slots.tsx";

/** Books one free time of a provider and opens the visit. */
export function Booking({ provider }: { provider: Message<"Provider"> }) {
  const providerId = provider.providerId ?? "";
  const navigate = useNavigate();
  const [slot, setSlot] = useState<{ start: string; requestId: string }>();
  const book = useAct(
    (body: Message<"BookAppointmentRequest">) => ask(() => api.POST("/api/telehealth/v1/appointments", { body })),
    [["slots", providerId], ["appointments"]],
  );
  // One choice is one request, however often it has to be sent: an answer that was lost must not become a second booking.
  const choose = (start: string) => setSlot({ start, requestId: crypto.randomUUID() });
  return (
    <div className="stack">
      <Slots providerId={providerId} chosen={slot?.start} choose={choose} />
      {slot ? (
        <Form
          onSend={(v) =>
            book.mutate(
              { providerId, startTime: slot.start, requestId: slot.requestId, reasonForVisit: v("reason") },
              { onSuccess: (a) => void navigate({ to: "/visits/$id", params: { id: a.appointmentId ?? "" } }) },
            )
          }
        >
          <p>
            <strong>{dateTime(slot.start)}</strong>
          </p>
          <Area label="What is the visit for?" hint="Optional. Only you and your provider read this." name="reason" maxLength={2000} />
          <Problem error={book.error} />
          <div>
            <button className="button main" disabled={book.isPending}>
              Book this time
            </button>
          </div>
        </Form>
      ) : null}
    </div>
  );
}
