import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { providerWords } from "../../api/words.ts";
import { civil } from "../../time.ts";
import { Form } from "../../ui/form.tsx";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Problem } from "../../ui/states.tsx";
import { LicenseFields, licenseOf } from "./LicenseFields.tsx";
import { Registered } from "./Registered.tsx";

export function Licenses() {
  return <Registered>{(me) => <Held me={me} />}</Registered>;
}

function Held({ me }: { me: Message<"Provider"> }) {
  const put = useAct(
    (license: Message<"License">) => ask(() => api.POST("/api/telehealth/v1/providers/me/licenses", { body: { license } })),
    [["provider", me.providerId]],
  );
  const [word, kind] = me.state ? providerWords[me.state] : ["", undefined];
  return (
    <Page title="My licences" lead="Patients can book who are in a state that you are licensed in." aside={<Badge kind={kind}>{word}</Badge>}>
      <div className="two">
        <Card title="Held">
          <ul className="list">
            {me.licenses?.map((l) => (
              <li key={l.state} className="row apart">
                <strong>{l.state}</strong>
                <span>{l.licenseNumber}</span>
                <span className="soft">until {civil(l.expireDate)}</span>
              </li>
            ))}
          </ul>
        </Card>
        <Card title="Add or renew">
          <p className="soft">With a new licence you wait for approval again.</p>
          <Form onSend={(v, form) => put.mutate(licenseOf(v), { onSuccess: () => form.reset() })}>
            <LicenseFields />
            <Problem error={put.error} />
            <div>
              <button className="button main" disabled={put.isPending}>
                Save licence
              </button>
            </div>
          </Form>
        </Card>
      </div>
    </Page>
  );
}
