import { useInfiniteQuery } from "@tanstack/react-query";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { providersQuery } from "../../api/queries.ts";
import { providerWords } from "../../api/words.ts";
import { civil } from "../../time.ts";
import { Area, Confirm } from "../../ui/form.tsx";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Empty, Loading, More, Problem } from "../../ui/states.tsx";

export function Providers() {
  const query = useInfiniteQuery(providersQuery());
  const all = query.data?.pages.flatMap((p) => p.providers ?? []) ?? [];
  const pending = all.filter((p) => p.state === "PROVIDER_STATE_PENDING");
  const others = all.filter((p) => p.state !== "PROVIDER_STATE_PENDING");
  return (
    <Page title="Providers" lead="Nobody sees patients before their licences were checked here.">
      {query.isPending ? <Loading /> : null}
      <Problem error={query.error} again={() => void query.refetch()} />
      {query.data ? (
        <>
          <Card title="Wait for approval">{pending.length ? <List of={pending} /> : <Empty>Nobody waits.</Empty>}</Card>
          <Card title="Decided">
            {others.length ? <List of={others} /> : <Empty>Nobody has been approved yet.</Empty>}
            <More query={query} />
          </Card>
        </>
      ) : null}
    </Page>
  );
}

function List({ of }: { of: readonly Message<"Provider">[] }) {
  return (
    <ul className="list">
      {of.map((p) => (
        <Item key={p.providerId} p={p} />
      ))}
    </ul>
  );
}

function Item({ p }: { p: Message<"Provider"> }) {
  const at = { params: { path: { providerId: p.providerId ?? "" } }, body: {} };
  // The licences that are shown are approved, and none that came since.
  const seen = { ...at, body: { licensesEtag: p.licensesEtag ?? "" } };
  const approve = useAct(() => ask(() => api.POST("/api/telehealth/v1/providers/{providerId}:approve", seen)), [["providers"]]);
  const suspend = useAct(() => ask(() => api.POST("/api/telehealth/v1/providers/{providerId}:suspend", at)), [["providers"]]);
  const reject = useAct(
    (reason: string) => ask(() => api.POST("/api/telehealth/v1/providers/{providerId}:reject", { ...at, body: { reason } })),
    [["providers"]],
  );
  const [word, kind] = p.state ? providerWords[p.state] : ["", undefined];
  const busy = approve.isPending || suspend.isPending || reject.isPending;
  return (
    <li className="stack">
      <div className="row apart">
        <div className="stack tight">
          <h3>{p.displayName}</h3>
          <span className="soft">{p.specialty}</span>
        </div>
        <Badge kind={kind}>{word}</Badge>
      </div>
      <ul>
        {p.licenses?.map((l) => (
          <li key={l.state}>
            {l.state}: {l.licenseNumber}, until {civil(l.expireDate)}
          </li>
        ))}
      </ul>
      {p.rejectionReason ? <p className="words">Rejected because: {p.rejectionReason}</p> : null}
      <div className="row">
        {p.state === "PROVIDER_STATE_ACTIVE" ? null : (
          <button type="button" className="button main small" disabled={busy} onClick={() => approve.mutate()}>
            Approve <span className="unseen">{p.displayName}</span>
          </button>
        )}
        {p.state === "PROVIDER_STATE_PENDING" ? (
          <Confirm
            label="Reject"
            title={`Reject ${p.displayName}?`}
            body="Patients cannot book with them. They may correct their licence and are then pending again."
            act={(v) => reject.mutate(v("reason"))}
            busy={busy}
            kind="small"
          >
            <Area label="Reason" hint="What is wrong and what would be right; they read it." name="reason" required maxLength={500} />
          </Confirm>
        ) : null}
        {p.state === "PROVIDER_STATE_ACTIVE" ? (
          <Confirm
            label="Suspend"
            title={`Suspend ${p.displayName}?`}
            body="Patients cannot book with them. What is booked already stays."
            act={() => suspend.mutate()}
            busy={busy}
            kind="small"
          />
        ) : null}
      </div>
      <Problem error={approve.error ?? suspend.error ?? reject.error} />
    </li>
  );
}
