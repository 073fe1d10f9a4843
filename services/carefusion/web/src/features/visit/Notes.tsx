import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask, type Message } from "../../api/client.ts";
import { notesQuery } from "../../api/queries.ts";
import { noteWords } from "../../api/words.ts";
import { useSession } from "../../session.tsx";
import { dateTime } from "../../time.ts";
import { Area, Confirm, Form } from "../../ui/form.tsx";
import { Badge, Card } from "../../ui/page.tsx";
import { Empty, Loaded, Problem } from "../../ui/states.tsx";

/** Notes on a visit: providers write and sign, patients read what is signed. */
export function Notes({ id }: { id: string }) {
  const { role } = useSession();
  const query = useQuery(notesQuery(id));
  return (
    <Card title="Notes">
      <Loaded query={query}>
        {(data) => (
          <>
            {data.notes?.length ? (
              <ul className="list">
                {data.notes.map((n) => (
                  <Note key={n.noteId} note={n} mine={role === "provider"} />
                ))}
              </ul>
            ) : (
              <Empty>{role === "provider" ? "Nothing is written yet." : "Your provider has not signed a note yet."}</Empty>
            )}
            {role === "provider" ? <Begin id={id} /> : null}
          </>
        )}
      </Loaded>
    </Card>
  );
}

function Begin({ id }: { id: string }) {
  const create = useAct(
    (body: string) =>
      ask(() => api.POST("/api/telehealth/v1/appointments/{appointmentId}/notes", { params: { path: { appointmentId: id } }, body: { body } })),
    [["notes", id]],
  );
  return (
    <Form onSend={(v, form) => create.mutate(v("body"), { onSuccess: () => form.reset() })}>
      <Area label="New note" hint="A draft that only you see until you sign it." name="body" required maxLength={50000} />
      <Problem error={create.error} />
      <div>
        <button className="button" disabled={create.isPending}>
          Save as draft
        </button>
      </div>
    </Form>
  );
}

function Note({ note, mine }: { note: Message<"Note">; mine: boolean }) {
  const noteId = note.noteId ?? "";
  const at = { params: { path: { noteId } } };
  // The version that was read: the service refuses a text that was written over a newer one.
  const version = note.version ?? 1;
  const stale = [["notes", note.appointmentId]];
  const update = useAct((body: string) => ask(() => api.POST("/api/telehealth/v1/notes/{noteId}:update", { ...at, body: { body, version } })), stale);
  const sign = useAct(() => ask(() => api.POST("/api/telehealth/v1/notes/{noteId}:sign", { ...at, body: { version } })), stale);
  const amend = useAct((body: string) => ask(() => api.POST("/api/telehealth/v1/notes/{noteId}:amend", { ...at, body: { body, version } })), stale);
  const [writing, write] = useState(false);
  const [word, kind] = note.state ? noteWords[note.state] : ["", undefined];
  const versions = note.versions ?? [];
  const shown = note.state === "NOTE_STATE_DRAFT" ? versions.slice(-1) : versions.filter((v) => v.state !== "NOTE_STATE_DRAFT");
  const draft = note.state === "NOTE_STATE_DRAFT";
  const save = draft ? update : amend;
  return (
    <li className="stack">
      <div className="row">
        <Badge kind={kind}>{word}</Badge>
      </div>
      {shown.map((v) => (
        <div key={v.version} className="stack tight">
          <p className="words">{v.body}</p>
          <p className="id">
            {v.state === "NOTE_STATE_AMENDED" ? "Amendment, " : ""}
            {dateTime(v.createTime)}
          </p>
        </div>
      ))}
      {mine && !writing ? (
        <div className="row">
          <button type="button" className="button small" onClick={() => write(true)}>
            {draft ? "Change" : "Add an amendment"}
          </button>
          {draft ? (
            <Confirm
              label="Sign"
              title="Sign this note?"
              body="The patient can read it then, and it cannot change any more; what is missing becomes an amendment."
              act={() => sign.mutate()}
              busy={sign.isPending}
              kind="small"
            />
          ) : null}
        </div>
      ) : null}
      {writing ? (
        <Form onSend={(v) => save.mutate(v("body"), { onSuccess: () => write(false) })}>
          <Area label={draft ? "Text of the draft" : "Amendment"} name="body" required maxLength={50000} defaultValue={draft ? shown[0]?.body : ""} />
          <div className="row">
            <button className="button main small" disabled={save.isPending}>
              Save
            </button>
            <button type="button" className="button small" onClick={() => write(false)}>
              Discard
            </button>
          </div>
        </Form>
      ) : null}
      <Problem error={save.error ?? sign.error} />
    </li>
  );
}
