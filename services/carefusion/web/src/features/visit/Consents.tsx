import { useQuery } from "@tanstack/react-query";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { consentsQuery, textsQuery } from "../../api/queries.ts";
import { decisionWords, purposeWords } from "../../api/words.ts";
import { useSession } from "../../session.tsx";
import { dateTime } from "../../time.ts";
import { Badge, Card } from "../../ui/page.tsx";
import { Empty, Loaded, Problem } from "../../ui/states.tsx";

/** What the patient agreed to, purpose by purpose. Patients decide here, at any time, also in the call. */
export function Consents({ id, over }: { id: string; over: boolean }) {
  const { role } = useSession();
  const texts = useQuery(textsQuery());
  const consents = useQuery(consentsQuery(id));
  return (
    <Card title="Consent">
      <Loaded query={texts}>
        {(t) => (
          <Loaded query={consents}>
            {(c) => (
              <ul className="list">
                {(t.texts ?? [])
                  .filter((text) => text.purpose !== "PURPOSE_RECORDING" || t.recordingAvailable)
                  .map((text) => (
                    <Purpose
                      key={text.purpose}
                      id={id}
                      text={text}
                      last={c.consents?.findLast((d) => d.purpose === text.purpose)}
                      may={role === "patient" && !over}
                    />
                  ))}
                {t.texts?.length ? null : <Empty>No consent texts have been published yet.</Empty>}
              </ul>
            )}
          </Loaded>
        )}
      </Loaded>
    </Card>
  );
}

interface Props {
  id: string;
  text: Message<"ConsentText">;
  last: Message<"Consent"> | undefined;
  may: boolean;
}

function Purpose({ id, text, last, may }: Props) {
  const purpose = text.purpose ?? "PURPOSE_CARE";
  const at = { params: { path: { appointmentId: id } } };
  const stale = [["consents", id], ["visit", id], ["texts"]];
  // The hash of what stands on this page: the service refuses it if another text is in force meanwhile.
  const decide = useAct(
    (decision: Message<"Decision">) =>
      ask(() =>
        api.POST("/api/telehealth/v1/appointments/{appointmentId}/consents", {
          ...at,
          body: { purpose, decision, textSha256: text.sha256 ?? "", signer: "SIGNER_PATIENT" },
        }),
      ),
    stale,
  );
  const withdraw = useAct(
    () => ask(() => api.POST("/api/telehealth/v1/appointments/{appointmentId}/consents:withdraw", { ...at, body: { purpose } })),
    stale,
  );
  const given = last?.decision === "DECISION_GIVEN";
  const [word, kind] = last?.decision ? decisionWords[last.decision] : ["Not decided", "warn" as const];
  const name = purposeWords[purpose];
  const busy = decide.isPending || withdraw.isPending;
  return (
    <li className="stack">
      <div className="row apart">
        <h3>{name}</h3>
        <Badge kind={kind}>{word}</Badge>
      </div>
      <p className="words">{text.body}</p>
      <p className="id">
        Version {text.version}
        {last ? `, decided ${dateTime(last.decisionTime)}` : ""}
      </p>
      {may ? (
        <div className="row">
          {given ? (
            <button type="button" className="button small" disabled={busy} onClick={() => withdraw.mutate()}>
              Take back <span className="unseen">consent: {name}</span>
            </button>
          ) : (
            <>
              <button type="button" className="button main small" disabled={busy} onClick={() => decide.mutate("DECISION_GIVEN")}>
                I agree <span className="unseen">to {name}</span>
              </button>
              {last?.decision === "DECISION_DECLINED" ? null : (
                <button type="button" className="button small" disabled={busy} onClick={() => decide.mutate("DECISION_DECLINED")}>
                  I do not agree <span className="unseen">to {name}</span>
                </button>
              )}
            </>
          )}
        </div>
      ) : null}
      <Problem error={decide.error ?? withdraw.error} />
    </li>
  );
}
