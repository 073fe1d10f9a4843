import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Body, type Message } from "../../api/client.ts";
import { useIdParam } from "../../param.ts";
import { dateTime, minorOf, money } from "../../time.ts";
import { Confirm, Form, Input } from "../../ui/form.tsx";
import { Badge, Card, Page } from "../../ui/page.tsx";
import { Empty, Loaded, Loading, Problem } from "../../ui/states.tsx";
import { encountersQuery } from "./Encounters.tsx";

const kinds: Record<Message<"JournalKind">, string> = {
  JOURNAL_KIND_CHARGE: "Charge",
  JOURNAL_KIND_PAYMENT: "Payment",
  JOURNAL_KIND_REVERSAL: "Reversal",
};
const accounts: Record<Message<"Account">, string> = {
  ACCOUNT_RECEIVABLE: "Owed by the patient",
  ACCOUNT_REVENUE: "Earned",
  ACCOUNT_CASH: "Received",
};

/** The money of one visit. */
export function Encounter() {
  const id = useIdParam();
  const encounters = useInfiniteQuery(encountersQuery());
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = encounters;
  const one = data?.pages.flatMap((p) => p.encounters ?? []).find((e) => e.appointmentId === id);
  return (
    <Page
      title="Money of a visit"
      lead={one ? dateTime(one.startTime) : ""}
      aside={
        <Link to="/encounters" className="button small">
          All visits
        </Link>
      }
    >
      <Problem error={encounters.error} />
      {encounters.isPending ? <Loading /> : null}
      {data && !one ? (
        <Card title="Not found yet">
          <Empty>This visit is not among those that were read, or there is no such visit.</Empty>
          {hasNextPage ? (
            <button type="button" className="button small" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              Read on
            </button>
          ) : null}
        </Card>
      ) : null}
      {one ? (
        <>
          <div className="two">
            <Charge id={id} />
            <Payment id={id} />
          </div>
          <Owed patientId={one.patientId ?? ""} />
          <Journals id={id} />
        </>
      ) : null}
    </Page>
  );
}

const stale = (id: string) => [["journals", id], ["balance"]];

/** An id for one request: kept until it succeeded, so that a lost answer does not charge twice. */
function useRequestId() {
  const [id, set] = useState(() => crypto.randomUUID());
  return [id, () => set(crypto.randomUUID())] as const;
}

const amountHint = "In US dollars, as 125.50";
const amountPattern = "\\s*\\d{1,6}(\\.\\d{1,2})?\\s*";

function Charge({ id }: { id: string }) {
  const [requestId, renew] = useRequestId();
  const done = (form: HTMLFormElement) => {
    form.reset();
    renew();
  };
  const post = useAct(
    (body: Body<"LedgerServicePostChargeBody">) =>
      ask(() => api.POST("/api/telehealth/v1/encounters/{appointmentId}/charges", { params: { path: { appointmentId: id } }, body })),
    stale(id),
  );
  return (
    <Card title="Charge">
      <Form
        onSend={(v, form) =>
          post.mutate({ code: v("code").toUpperCase(), amountMinor: String(minorOf(v("amount")) ?? 0), requestId }, { onSuccess: () => done(form) })
        }
      >
        <div className="fields">
          <Input label="Procedure code" hint="CPT or HCPCS, five characters" name="code" required pattern="[A-Za-z0-9]{5}" autoComplete="off" />
          <Input label="Amount" hint={amountHint} name="amount" required inputMode="decimal" pattern={amountPattern} autoComplete="off" />
        </div>
        <Problem error={post.error} />
        <div>
          <button className="button main" disabled={post.isPending}>
            Post the charge
          </button>
        </div>
      </Form>
    </Card>
  );
}

function Payment({ id }: { id: string }) {
  const [requestId, renew] = useRequestId();
  const done = (form: HTMLFormElement) => {
    form.reset();
    renew();
  };
  const post = useAct(
    (body: Body<"LedgerServiceRecordPaymentBody">) =>
      ask(() => api.POST("/api/telehealth/v1/encounters/{appointmentId}/payments", { params: { path: { appointmentId: id } }, body })),
    stale(id),
  );
  return (
    <Card title="Payment">
      <Form onSend={(v, form) => post.mutate({ amountMinor: String(minorOf(v("amount")) ?? 0), requestId }, { onSuccess: () => done(form) })}>
        <Input label="Amount received" hint={amountHint} name="amount" required inputMode="decimal" pattern={amountPattern} autoComplete="off" />
        <Problem error={post.error} />
        <div>
          <button className="button main" disabled={post.isPending}>
            Record the payment
          </button>
        </div>
      </Form>
    </Card>
  );
}

function Owed({ patientId }: { patientId: string }) {
  const query = useQuery({
    queryKey: ["balance", patientId],
    queryFn: ({ signal }) => ask(() => api.GET("/api/telehealth/v1/patients/{patientId}/balance", { params: { path: { patientId } }, signal })),
  });
  return (
    <Card title="The patient owes in all">
      <Loaded query={query}>{(b) => <p>{money(b.amountMinor, b.currencyCode)}</p>}</Loaded>
    </Card>
  );
}

function Journals({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["journals", id],
    queryFn: ({ signal }) =>
      ask(() => api.GET("/api/telehealth/v1/encounters/{appointmentId}/journals", { params: { path: { appointmentId: id } }, signal })),
  });
  return (
    <Card title="Ledger">
      <Loaded query={query}>
        {(data) => {
          const undone = new Set(data.journals?.map((j) => j.reversesJournalId));
          return data.journals?.length ? (
            <ul className="list">
              {data.journals.map((j) => (
                <Journal key={j.journalId} j={j} id={id} undone={undone.has(j.journalId)} />
              ))}
            </ul>
          ) : (
            <Empty>Nothing is posted for this visit.</Empty>
          );
        }}
      </Loaded>
    </Card>
  );
}

function Journal({ j, id, undone }: { j: Message<"Journal">; id: string; undone: boolean }) {
  const [requestId] = useRequestId();
  const reverse = useAct(
    () =>
      ask(() =>
        api.POST("/api/telehealth/v1/journals/{journalId}:reverse", { params: { path: { journalId: j.journalId ?? "" } }, body: { requestId } }),
      ),
    stale(id),
  );
  return (
    <li className="stack">
      <div className="row apart">
        <h3>
          {j.kind ? kinds[j.kind] : ""} {j.code}
        </h3>
        {undone ? <Badge kind="warn">Reversed</Badge> : null}
      </div>
      <ul>
        {j.entries?.map((e) => (
          <li key={e.account} className="row apart">
            <span>{e.account ? accounts[e.account] : ""}</span>
            <span>{money(e.amountMinor, e.currencyCode)}</span>
          </li>
        ))}
      </ul>
      <div className="row apart">
        <span className="id">{dateTime(j.postTime)}</span>
        {undone || j.kind === "JOURNAL_KIND_REVERSAL" ? null : (
          <Confirm
            label="Reverse"
            title="Reverse this journal?"
            body="Its opposite is posted; nothing is deleted."
            act={() => reverse.mutate()}
            busy={reverse.isPending}
            kind="small"
          />
        )}
      </div>
      <Problem error={reverse.error} />
    </li>
  );
}
