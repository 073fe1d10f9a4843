import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { Message } from "../../api/client.ts";
import { consentsQuery } from "../../api/queries.ts";
import { dateTime } from "../../time.ts";
import { Card } from "../../ui/page.tsx";
import { Loading, Problem } from "../../ui/states.tsx";
import { useSteps } from "./steps.ts";

const Call = lazy(() => import("./Call.tsx").then((m) => ({ default: m.Call })));

interface Props {
  a: Message<"Appointment">;
  visit: Message<"Session"> | null;
  over: boolean;
}

/** Says what the patient still has to decide: nobody can be seen by video without. */
function Missing({ id }: { id: string }) {
  const consents = useQuery(consentsQuery(id));
  const care = consents.data?.consents?.findLast((c) => c.purpose === "PURPOSE_CARE");
  if (!consents.data || care?.decision === "DECISION_GIVEN") return null;
  return <p className="note">The call cannot begin before you agree to care by video. You find the text on this page, under Consent.</p>;
}

/** What a patient can do now. */
export function PatientStage({ a, visit, over }: Props) {
  const id = a.appointmentId ?? "";
  const steps = useSteps(id);
  const go = (label: string, ...to: Parameters<typeof steps.mutate>[0]) => (
    <div>
      <button type="button" className="button main" disabled={steps.isPending} onClick={() => steps.mutate(to)}>
        {label}
      </button>
    </div>
  );
  if (over) {
    return (
      <Card title="This visit is over">
        <p>{a.state === "APPOINTMENT_STATE_COMPLETED" ? "Thank you for coming. What your provider signed is below." : "It did not take place."}</p>
      </Card>
    );
  }
  switch (visit?.state) {
    case undefined:
      return (
        <Card title="Before the visit">
          <p>The visit begins {dateTime(a.startTime)}; you can check in shortly before. Your provider needs your consent to see you by video.</p>
          {go("Check in and wait", "checkIn", "wait")}
          <Problem error={steps.error} />
        </Card>
      );
    case "SESSION_STATE_CHECKED_IN":
      return (
        <Card title="You are checked in">
          {go("Enter the waiting room", "wait")}
          <Problem error={steps.error} />
        </Card>
      );
    case "SESSION_STATE_WAITING":
      return (
        <Card title="Waiting room">
          <p role="status">Your provider sees that you are here and will let you in. You can stay on this page; it goes on by itself.</p>
          <Missing id={id} />
        </Card>
      );
    case "SESSION_STATE_ADMITTED":
      return (
        <Card title="You are let in">
          <p role="status">Your provider starts the call in a moment.</p>
        </Card>
      );
    case "SESSION_STATE_IN_CALL":
      return (
        <Suspense fallback={<Loading />}>
          <Call key={visit.consentEpoch} id={id} recording={visit.recording ?? false} />
        </Suspense>
      );
    case "SESSION_STATE_ENDED":
      return <Card title="This visit is over">Thank you for coming.</Card>;
  }
}
