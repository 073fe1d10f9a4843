import { useQuery } from "@tanstack/react-query";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { textsQuery } from "../../api/queries.ts";
import { purposeWords } from "../../api/words.ts";
import { Area, Form, Select } from "../../ui/form.tsx";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Empty, Loaded, Problem } from "../../ui/states.tsx";

export function Texts() {
  const query = useQuery(textsQuery());
  const publish = useAct(
    (body: Message<"PublishConsentTextRequest">) => ask(() => api.POST("/api/telehealth/v1/consentTexts", { body })),
    [["texts"]],
  );
  return (
    <Page title="Consent texts" lead="What patients are asked, word for word. Each decision names the version that was shown.">
      <div className="two">
        <Card title="In force">
          <Loaded query={query}>
            {(data) =>
              data.texts?.length ? (
                <ul className="list">
                  {data.texts.map((t) => (
                    <li key={t.purpose} className="stack">
                      <div className="row apart">
                        <h3>{t.purpose ? purposeWords[t.purpose] : ""}</h3>
                        <Badge>Version {t.version}</Badge>
                      </div>
                      <p className="words">{t.body}</p>
                    </li>
                  ))}
                </ul>
              ) : (
                <Empty>Nothing is published. Without a text nobody can consent, and without consent there is no call.</Empty>
              )
            }
          </Loaded>
        </Card>
        <Card title="Publish a new version">
          <p className="soft">It is in force at once. Decisions on earlier versions stay.</p>
          <Form
            onSend={(v, form) => publish.mutate({ purpose: v("purpose") as Message<"Purpose">, body: v("body") }, { onSuccess: () => form.reset() })}
          >
            <Select label="Purpose" name="purpose" options={Object.entries(purposeWords)} />
            <Area label="Text" name="body" required maxLength={20000} />
            <Problem error={publish.error} />
            <div>
              <button className="button main" disabled={publish.isPending}>
                Publish
              </button>
            </div>
          </Form>
        </Card>
      </div>
    </Page>
  );
}
