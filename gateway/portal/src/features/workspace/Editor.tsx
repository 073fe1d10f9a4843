import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { FieldValues } from "react-hook-form";
import { ApiProblem } from "@/api";
import { applyProblem, Card, Form, FormActions, Loaded, Notice, toast, useZodForm } from "@/ui";
import { Conflict } from "./Conflict";
import { Frame, keepAgency, pathIn } from "./Frame";
import { changed } from "./merge";
import type { Head, Workspace } from "./model";
import { recordQuery } from "./queries";
import { refreshWorkspace } from "./refresh";

/** Enters a record. */
export function NewRecord<R extends Head, V extends FieldValues>({ ws }: { ws: Workspace<R, V> }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const form = useZodForm(ws.form.schema, { defaultValues: ws.form.empty as never });
  // One id for each content: a repeated click or a lost answer makes no second record, and a corrected one is another request.
  const attempt = useRef({ content: "", requestId: "" });
  const save = async (values: V) => {
    const content = JSON.stringify(values);
    if (attempt.current.content !== content) attempt.current = { content, requestId: crypto.randomUUID() };
    const made = await ws.api.create(ws.form.recordOf(values), attempt.current.requestId);
    await refreshWorkspace(client, ws);
    toast("success", `The ${ws.one} is saved.`, "If a date is near, its alert is raised already.");
    await navigate({ to: pathIn(ws, `/records/${made.id ?? ""}`), search: keepAgency });
  };
  return (
    <Frame ws={ws} title={`New ${ws.one}`} lead="References and dates only. Passwords, PINs and codes are refused.">
      <Card className="max-w-4xl">
        <Form form={form} label={`New ${ws.one}`} onSubmit={save}>
          <ws.form.Fields form={form} />
          <FormActions
            form={form}
            action={`Save ${ws.one}`}
            onCancel={() => void navigate({ to: pathIn(ws), search: keepAgency })}
          />
        </Form>
      </Card>
    </Frame>
  );
}

/** Changes a record. */
export function EditRecord<R extends Head, V extends FieldValues>({
  ws,
  id,
  focus,
}: {
  ws: Workspace<R, V>;
  id: string;
  focus?: string;
}) {
  // What is edited is what was read when the form opened: a later reading in the background would hide that somebody else was faster.
  const record = useQuery({ ...recordQuery(ws, id), staleTime: Infinity, refetchOnMount: "always" });
  const fresh =
    record.isFetching && !record.isFetchedAfterMount ? { ...record, data: undefined, isPending: true } : record;
  return (
    <Frame ws={ws} title={`Change ${ws.one}`} lead="What you change is recorded, field by field.">
      <Loaded query={fresh} lines={10}>
        {(loaded) =>
          loaded.retireTime ? (
            <Notice title={`This ${ws.one} is retired`}>It can be read and noted on, not changed.</Notice>
          ) : (
            <Card className="max-w-4xl">
              <EditForm ws={ws} record={loaded} focus={focus} />
            </Card>
          )
        }
      </Loaded>
    </Frame>
  );
}

function EditForm<R extends Head, V extends FieldValues>({
  ws,
  record,
  focus,
}: {
  ws: Workspace<R, V>;
  record: R;
  focus: string | undefined;
}) {
  const id = record.id ?? "";
  const navigate = useNavigate();
  const client = useQueryClient();
  const [base, setBase] = useState(record);
  const [foreign, setForeign] = useState<R | null>(null);
  const form = useZodForm(ws.form.schema, { defaultValues: ws.form.valuesOf(record) as never });
  const { setFocus } = form;
  useEffect(() => {
    // The link of an alert leads to the date that ends it.
    if (focus && focus in ws.form.empty) setFocus(focus as never);
  }, [focus, setFocus, ws]);
  const back = () => navigate({ to: pathIn(ws, `/records/${id}`), search: keepAgency });

  const save = async (values: V, from = base) => {
    const fields = changed(ws.form.valuesOf(from), values);
    if (fields.length === 0) return back();
    try {
      const saved = await ws.api.update(id, { ...ws.form.recordOf(values), etag: from.etag }, fields);
      client.setQueryData(recordQuery(ws, id).queryKey, saved);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.reason !== "ETAG_MISMATCH") throw error;
      setForeign(await ws.api.get(id));
      return undefined;
    }
    await refreshWorkspace(client, ws);
    toast("success", `The ${ws.one} is saved.`);
    return back();
  };

  return (
    <>
      <Form form={form} label={`Change ${ws.one}`} onSubmit={(values) => save(values)}>
        <ws.form.Fields form={form} />
        <FormActions form={form} action="Save changes" onCancel={() => void back()} />
      </Form>
      {foreign ? (
        <Conflict
          ws={ws}
          base={base}
          mine={form.getValues()}
          theirs={foreign}
          onCancel={() => setForeign(null)}
          onDecide={(values) => {
            setBase(foreign);
            setForeign(null);
            form.reset(values);
            // The decision goes through the checks of the form as typing does.
            void form.handleSubmit((checked) =>
              save(checked, foreign).catch((error: unknown) => applyProblem(form, error)),
            )();
          }}
        />
      ) : null}
    </>
  );
}
