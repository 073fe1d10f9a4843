import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { because } from "../../api/problem.ts";
import { patientQuery } from "../../api/queries.ts";
import { states } from "../../api/words.ts";
import { useSession } from "../../session.tsx";
import { civilOf } from "../../time.ts";
import { Form, Input, Select } from "../../ui/form.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Loading, Problem } from "../../ui/states.tsx";

/** Shows its children to a patient who is known here; whoever comes for the first time introduces themselves. */
export function Registered({ children }: { children: (me: Message<"Patient">) => ReactNode }) {
  const { subject } = useSession();
  const query = useQuery(patientQuery(subject));
  if (query.data) return <>{children(query.data)}</>;
  if (because(query.error, "PATIENT_NOT_FOUND")) return <Registration />;
  if (query.error) return <Problem error={query.error} again={() => void query.refetch()} />;
  return <Loading />;
}

function Registration() {
  const register = useAct((body: Message<"RegisterPatientRequest">) => ask(() => api.POST("/api/telehealth/v1/patients", { body })), [["patient"]]);
  return (
    <Page title="Welcome" lead="Tell us who you are. The state you are in decides which clinicians may see you.">
      <Card title="About you">
        <Form
          onSend={(v) =>
            register.mutate({ givenName: v("given"), familyName: v("family"), birthDate: civilOf(v("birth")), state: v("state"), email: v("email") })
          }
        >
          <div className="fields">
            <Input label="Given name" name="given" required maxLength={120} autoComplete="given-name" />
            <Input label="Family name" name="family" required maxLength={120} autoComplete="family-name" />
            <Input label="Date of birth" name="birth" type="date" required autoComplete="bday" />
            <Select label="State you are in" name="state" options={states} required />
            <Input
              label="E-mail for reminders"
              hint="Optional. Reminders say when, never why."
              name="email"
              type="email"
              maxLength={254}
              autoComplete="email"
            />
          </div>
          <Problem error={register.error} />
          <div>
            <button className="button main" disabled={register.isPending}>
              Register
            </button>
          </div>
        </Form>
      </Card>
    </Page>
  );
}
