import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import type { FieldValues } from "react-hook-form";
import { z } from "zod";
import { roleTitle } from "@/features/people/roles";
import { Can } from "@/permissions";
import { Time } from "@/time";
import {
  Button,
  EmptyState,
  ErrorState,
  Form,
  FormActions,
  Section,
  SelectField,
  SkeletonLines,
  StatusBadge,
  TextAreaField,
  toast,
  useZodForm,
} from "@/ui";
import { Frame } from "./Frame";
import type { ComplianceNote, Head, Workspace } from "./model";
import { notesQuery } from "./queries";
import { visibilities } from "./words";

/** The remarks on a workspace as a whole and on its records. */
export function NotesPage<R extends Head, V extends FieldValues>({ ws }: { ws: Workspace<R, V> }) {
  return (
    <Frame
      ws={ws}
      title="Notes"
      lead="What should be remembered. A note is never changed or removed; a correction is another note."
    >
      <Notes ws={ws} />
    </Frame>
  );
}

/** Notes on one record, or all of the workspace. */
export function Notes<R extends Head, V extends FieldValues>({
  ws,
  metadataId,
}: {
  ws: Workspace<R, V>;
  metadataId?: string;
}) {
  const notes = useInfiniteQuery(notesQuery(ws, metadataId));
  const rows = notes.data?.pages.flatMap((page) => page.rows);
  return (
    <Section title={metadataId ? "Notes" : `Notes on ${ws.many}`} note="Append-only, the newest first">
      <div className="flex flex-col gap-5">
        <Can do={ws.can.note}>
          <AddNote ws={ws} {...(metadataId ? { metadataId } : {})} />
        </Can>
        {rows ? (
          <NoteList rows={rows} />
        ) : notes.error ? (
          <ErrorState error={notes.error} retry={() => void notes.refetch()} />
        ) : (
          <SkeletonLines />
        )}
        {notes.hasNextPage ? (
          <Button className="self-start" pending={notes.isFetchingNextPage} onClick={() => void notes.fetchNextPage()}>
            Load more
          </Button>
        ) : null}
      </div>
    </Section>
  );
}

function NoteList({ rows }: { rows: readonly ComplianceNote[] }) {
  if (rows.length === 0)
    return <EmptyState title="No notes yet">Write down what whoever comes next should know.</EmptyState>;
  return (
    <ol className="flex flex-col gap-4">
      {rows.map((note) => (
        <li key={note.id} className="border-s-2 border-line-strong ps-4">
          <p className="text-sm break-words whitespace-pre-line">{note.text}</p>
          <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-faint">
            <span>{roleTitle(note.authorRole ?? "")}</span>
            <Time value={note.createTime} />
            <StatusBadge>{visibilities[note.visibility ?? "VISIBILITY_COMPLIANCE"]}</StatusBadge>
          </p>
        </li>
      ))}
    </ol>
  );
}

const schema = z.object({
  text: z.string().trim().min(1, "Write something first.").max(4000, "At most 4,000 characters."),
  visibility: z.enum(["VISIBILITY_COMPLIANCE", "VISIBILITY_AGENCY_ADMINISTRATOR"]),
});

type Values = z.infer<typeof schema>;

function AddNote<R extends Head, V extends FieldValues>({
  ws,
  metadataId,
}: {
  ws: Workspace<R, V>;
  metadataId?: string;
}) {
  const client = useQueryClient();
  const form = useZodForm(schema, { defaultValues: { text: "", visibility: "VISIBILITY_COMPLIANCE" } });
  const add = async (values: Values) => {
    await ws.api.addNote({ ...values, ...(metadataId ? { metadataId } : {}) });
    await client.invalidateQueries({ queryKey: [ws.name, "notes"] });
    form.reset({ text: "", visibility: values.visibility });
    toast("success", "The note is added.");
  };
  return (
    <Form form={form} label="New note" onSubmit={add}>
      <TextAreaField
        form={form}
        name="text"
        label="New note"
        rows={3}
        hint="No passwords, PINs or codes; they are refused."
      />
      <div className="flex flex-wrap items-end justify-between gap-3">
        <SelectField
          form={form}
          name="visibility"
          label="Who may read it"
          options={Object.entries(visibilities).map(([value, label]) => ({ value, label }))}
        />
        <FormActions form={form} action="Add note" />
      </div>
    </Form>
  );
}
