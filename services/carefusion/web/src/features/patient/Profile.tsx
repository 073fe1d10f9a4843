import { useQuery } from "@tanstack/react-query";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { states } from "../../api/words.ts";
import { civil, money } from "../../time.ts";
import { Form, Input, Select } from "../../ui/form.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Loaded, Problem } from "../../ui/states.tsx";
import { Registered } from "./Registered.tsx";

export function Profile() {
  return <Registered>{(me) => <Details me={me} />}</Registered>;
}

function Details({ me }: { me: Message<"Patient"> }) {
  const id = me.patientId ?? "";
  const save = useAct(
    (body: Message<"UpdatePatientRequest">) => ask(() => api.POST("/api/telehealth/v1/patients/me:update", { body })),
    [["patient", id]],
  );
  const balance = useQuery({
    queryKey: ["balance", id],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/patients/{patientId}/balance", { params: { path: { patientId: id } }, signal })),
  });
  return (
    <Page title="My details" lead={`${me.givenName} ${me.familyName}, born ${civil(me.birthDate)}`}>
      <div className="two">
        <Card title="Where I am and how I am reminded">
          <Form onSend={(v) => save.mutate({ state: v("state"), email: v("email") })}>
            <Select label="State I am in" hint="A clinician must be licensed there." name="state" options={states} defaultValue={me.state} required />
            <Input
              label="E-mail for reminders"
              hint="Empty: none are sent. Reminders say when, never why."
              name="email"
              type="email"
              maxLength={254}
              defaultValue={me.email}
              autoComplete="email"
            />
            <Problem error={save.error} />
            <div className="row">
              <button className="button main" disabled={save.isPending}>
                Save
              </button>
              <span role="status">{save.isSuccess ? "Saved." : ""}</span>
            </div>
          </Form>
        </Card>
        <Card title="What I owe">
          <Loaded query={balance}>{(b) => <p>{money(b.amountMinor, b.currencyCode)}</p>}</Loaded>
        </Card>
      </div>
    </Page>
  );
}
