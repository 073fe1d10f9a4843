import { useQueryClient } from "@tanstack/react-query";
import { z } from "zod";
import { Dialog, Form, FormActions, TextAreaField, TextField, toast, useZodForm } from "@/ui";
import { updatePersonnel } from "./queries";

/** What crew ids are typed as: one on a line, or with commas between them. */
export const crewIdsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,;]+/)
      .map((id) => id.trim())
      .filter(Boolean),
  ),
];

const schema = z.object({
  subject: z.string().trim().min(1, "The subject of the person’s tokens").max(64, "At most 64 characters"),
  crewIds: z
    .string()
    .refine((text) => crewIdsOf(text).length <= 20, "At most 20 crew ids")
    .refine(
      (text) => crewIdsOf(text).every((id) => id.length >= 2 && id.length <= 15),
      "A crew id has 2 to 15 characters",
    ),
});

/** Binds crew ids to a person who is known, or to a subject that is typed. */
export function CrewDialog({
  subject,
  login,
  crewIds,
  onClose,
}: {
  subject: string;
  login: string | undefined;
  crewIds: readonly string[];
  onClose: () => void;
}) {
  const client = useQueryClient();
  const form = useZodForm(schema, { defaultValues: { subject, crewIds: crewIds.join("\n") } });
  return (
    <Dialog open onClose={onClose} title={login ? `Crew ids of ${login}` : "Crew ids of a person"} size="small">
      <Form
        form={form}
        label="Crew ids"
        onSubmit={async (values) => {
          const saved = await updatePersonnel(values.subject, crewIdsOf(values.crewIds));
          await client.invalidateQueries({ queryKey: ["people", "personnel"] });
          toast("success", saved.crewIds?.length ? "Crew ids were saved" : "Crew ids were taken away");
          onClose();
        }}
      >
        <p className="text-sm text-muted">
          Charts that name one of these ids in the crew (eCrew.01) are the person’s own. An id belongs to one person.
        </p>
        {subject ? null : (
          <TextField form={form} name="subject" label="Subject" spellCheck={false} hint="From the identity provider." />
        )}
        <TextAreaField
          form={form}
          name="crewIds"
          label="Crew ids (eCrew.01)"
          rows={4}
          spellCheck={false}
          hint="One on each line: the state’s licence number or the agency’s own id, as the charts write it. Leave it empty to take all away."
        />
        <FormActions form={form} action="Save crew ids" onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
