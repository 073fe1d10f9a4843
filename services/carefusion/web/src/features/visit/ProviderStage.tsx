import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { textsQuery } from "../../api/queries.ts";
import { clock } from "../../time.ts";
import { Confirm } from "../../ui/form.tsx";
import { Card } from "../../ui/page.tsx";
import { Loading, Problem } from "../../ui/states.tsx";
import { useSteps } from "./steps.ts";

const Call = lazy(() => import("./Call.tsx").then((m) => ({ default: m.Call })));

interface Props {
  a: Message<"Appointment">;
  visit: Message<"Session"> | null;
  over: boolean;
}

/** What a provider can do now. */
export function ProviderStage({ a, visit, over }: Props) {
  const id = a.appointmentId ?? "";
  const steps = useSteps(id);
  const recordable = useQuery(textsQuery()).data?.recordingAvailable ?? false;
  const noShow = useAct(
    () => ask(() => api.POST("/api/telehealth/v1/appointments/{appointmentId}:noShow", { params: { path: { appointmentId: id } }, body: {} })),
    [["appointment", id], ["appointments"]],
  );
  const step = (label: string, to: Parameters<typeof steps.mutate>[0], kind = "main") => (
    <button type="button" className={`button ${kind}`} disabled={steps.isPending} onClick={() => steps.mutate(to)}>
      {label}
    </button>
  );
  const end = (
    <Confirm
      label="End the visit"
      title="End the visit?"
      body="The call ends for both, and the appointment is completed. Notes can still be written."
      kind="stop"
      busy={steps.isPending}
      act={() => steps.mutate(["end"])}
    />
  );
  if (over)
    return (
      <Card title="This visit is over">
        {a.state === "APPOINTMENT_STATE_COMPLETED" ? "Write and sign your notes below." : "It did not take place."}
      </Card>
    );
  switch (visit?.state) {
    case undefined:
    case "SESSION_STATE_CHECKED_IN":
      return (
        <Card title="The patient is not waiting yet">
          <p className="soft">You see here when they are. The visit begins at {clock(a.startTime)}.</p>
          {a.state === "APPOINTMENT_STATE_SCHEDULED" ? (
            <div>
              <Confirm
                label="Mark as no show"
                title="Did the patient not come?"
                body="The appointment is closed as a no show."
                act={() => noShow.mutate()}
                busy={noShow.isPending}
              />
            </div>
          ) : null}
          <Problem error={noShow.error} />
        </Card>
      );
    case "SESSION_STATE_WAITING":
      return (
        <Card title="The patient is waiting">
          <div className="row">
            {step("Admit", ["admit"])}
            {step("Admit and start the call", ["admit", "start"], "")}
          </div>
          <Problem error={steps.error} />
        </Card>
      );
    case "SESSION_STATE_ADMITTED":
      return (
        <Card title="The patient is let in">
          <div className="row">
            {step("Start the call", ["start"])}
            {end}
          </div>
          <Problem error={steps.error} />
        </Card>
      );
    case "SESSION_STATE_IN_CALL":
      return (
        <Suspense fallback={<Loading />}>
          <Call key={visit.consentEpoch} id={id} recording={visit.recording ?? false} />
          <div className="row">
            {visit.recording ? step("Stop recording", ["stopRecording"], "") : recordable ? step("Record", ["startRecording"], "") : null}
            {end}
          </div>
          <Problem error={steps.error} />
        </Suspense>
      );
    case "SESSION_STATE_ENDED":
      return <Card title="This visit is over">Write and sign your notes below.</Card>;
  }
}
