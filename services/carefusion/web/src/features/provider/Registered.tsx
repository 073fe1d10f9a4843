import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { because } from "../../api/problem.ts";
import { providerQuery } from "../../api/queries.ts";
import { useSession } from "../../session.tsx";
import { Form, Input, Select } from "../../ui/form.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Loading, Problem } from "../../ui/states.tsx";
import { LicenseFields, licenseOf } from "./LicenseFields.tsx";

/** Shows its children to a provider who is known here; whoever comes for the first time registers and then waits for approval. */
export function Registered({ children }: { children: (me: Message<"Provider">) => ReactNode }) {
  const { subject } = useSession();
  const query = useQuery(providerQuery(subject));
  if (query.data) return <>{children(query.data)}</>;
  if (because(query.error, "PROVIDER_NOT_FOUND")) return <Registration />;
  if (query.error) return <Problem error={query.error} again={() => void query.refetch()} />;
  return <Loading />;
}

const zones = [
  "America/New_York",
  "America/Chicago",
  "America/Denver",
  "America/Phoenix",
  "America/Los_Angeles",
  "America/Anchorage",
  "Pacific/Honolulu",
  "America/Puerto_Rico",
];

function Registration() {
  const register = useAct(
    (body: Message<"RegisterProviderRequest">) => ask(() => api.POST("/api/telehealth/v1/providers", { body })),
    [["provider"]],
  );
  return (
    <Page title="Welcome" lead="Register with your first licence. An administrator approves you before patients can book.">
      <Card title="About you">
        <Form
          onSend={(v) =>
            register.mutate({
              displayName: v("name"),
              specialty: v("specialty"),
              timeZone: v("zone"),
              slotMinutes: Number(v("minutes")),
              licenses: [licenseOf(v)],
            })
          }
        >
          <div className="fields">
            <Input label="Name shown to patients" name="name" required maxLength={120} />
            <Input label="Field of work" name="specialty" required maxLength={120} />
            <Select label="Time zone of your hours" name="zone" options={zones.map((z) => [z, z])} />
            <Input label="Minutes of one visit" name="minutes" type="number" min={5} max={240} defaultValue={30} required />
          </div>
          <LicenseFields />
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
