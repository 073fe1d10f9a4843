import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Message } from "../../api/client.ts";
import { appointmentQuery, patientQuery, providerQuery, visitQuery } from "../../api/queries.ts";
import { useWatch } from "../../api/watch.ts";
import { appointmentWords } from "../../api/words.ts";
import { useIdParam } from "../../param.ts";
import { useSession } from "../../session.tsx";
import { dateTime } from "../../time.ts";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Cancel } from "./Cancel.tsx";
import { Chat } from "./Chat.tsx";
import { Consents } from "./Consents.tsx";
import { Notes } from "./Notes.tsx";
import { PatientStage } from "./PatientStage.tsx";
import { ProviderStage } from "./ProviderStage.tsx";
import { Steps } from "./Steps.tsx";

/** One appointment from booking to notes, for both who take part in it. */
export function Visit() {
  const appointment = useQuery(appointmentQuery(useIdParam()));
  return <Loaded query={appointment}>{(a) => <Open a={a} />}</Loaded>;
}

function Open({ a }: { a: Message<"Appointment"> }) {
  const id = a.appointmentId ?? "";
  const { role } = useSession();
  const client = useQueryClient();
  const visit = useQuery(visitQuery(id));
  const changed = useCallback(() => {
    for (const key of ["visit", "appointment", "consents", "messages"]) void client.invalidateQueries({ queryKey: [key, id] });
  }, [client, id]);
  const over = a.state !== "APPOINTMENT_STATE_SCHEDULED" && a.state !== "APPOINTMENT_STATE_IN_PROGRESS";
  useWatch(over || !visit.data ? undefined : `/api/telehealth/v1/appointments/${id}/session:watch`, changed);
  const [word, kind] = a.state ? appointmentWords[a.state] : ["", undefined];
  return (
    <Page title="Visit" lead={dateTime(a.startTime)} aside={<Badge kind={kind}>{word}</Badge>}>
      <Loaded query={visit}>
        {(v) => (
          <>
            {over && !v ? null : <Steps state={v?.state} />}
            <div className="visit">
              <div className="stack">
                {role === "provider" ? <ProviderStage a={a} visit={v} over={over} /> : <PatientStage a={a} visit={v} over={over} />}
                <Notes id={id} />
              </div>
              <div className="stack">
                <Who a={a} />
                {v ? <Chat id={id} over={over} /> : null}
                <Consents id={id} over={over} />
                {a.state === "APPOINTMENT_STATE_SCHEDULED" ? <Cancel a={a} arrived={v !== null} /> : null}
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Who({ a }: { a: Message<"Appointment"> }) {
  const { role } = useSession();
  return (
    <Card title={role === "provider" ? "Patient" : "Provider"}>
      {role === "provider" ? <Patient id={a.patientId ?? ""} /> : <Provider id={a.providerId ?? ""} />}
      <div className="stack tight">
        <span className="soft">Reason for the visit</span>
        <p className="words">{a.reasonForVisit || "None was given."}</p>
      </div>
    </Card>
  );
}

function Patient({ id }: { id: string }) {
  return (
    <Loaded query={useQuery(patientQuery(id))}>
      {(p) => (
        <p>
          {p.givenName} {p.familyName}, in {p.state}
        </p>
      )}
    </Loaded>
  );
}

function Provider({ id }: { id: string }) {
  return (
    <Loaded query={useQuery(providerQuery(id))}>
      {(p) => (
        <p>
          {p.displayName}, {p.specialty}
        </p>
      )}
    </Loaded>
  );
}
