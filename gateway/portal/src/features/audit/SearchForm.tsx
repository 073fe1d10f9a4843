import { useId } from "react";
import { z } from "zod";
import { useDirectory } from "@/features/people/queries";
import { Button, DateField, Form, SelectField, TextField, useSetSearch, useZodForm } from "@/ui";
import type { AuditSearch } from "./search";
import { actionChoices, serviceNames } from "./words";

const form = z
  .object({
    action: z.string().trim().max(256, "At most 256 characters"),
    resource: z.string().trim().max(256, "At most 256 characters"),
    actor: z.string().trim().max(128, "At most 128 characters"),
    requestId: z.string().trim().max(64, "At most 64 characters"),
    outcome: z.enum(["", "success", "denied", "error"]),
    from: z.string(),
    to: z.string(),
  })
  .refine(({ from, to }) => from === "" || to === "" || from <= to, {
    path: ["to"],
    message: "Not before the first day",
  });

type Values = z.infer<typeof form>;

const outcomes = [
  { value: "", label: "Any outcome" },
  { value: "success", label: "Done" },
  { value: "denied", label: "Refused" },
  { value: "error", label: "Failed" },
];

/** What the log is searched for; it is kept in the URL, so that a search can be sent to somebody. */
export function SearchForm({ search }: { search: AuditSearch }) {
  const set = useSetSearch();
  const id = useId();
  const { people, loginOf } = useDirectory();
  const services = search.stream === "system";
  const { action = "", resource = "", actor = "", requestId = "", outcome = "", from = "", to = "" } = search;
  const values: Values = { action, resource, actor: loginOf(actor) ?? actor, requestId, outcome, from, to };
  const fields = useZodForm(form, { values });
  const active = [action, resource, actor, requestId, outcome, from, to].some(Boolean);
  const subjectOf = (typed: string) => people.find((person) => person.login === typed)?.subject ?? typed;
  return (
    <Form
      form={fields}
      label="Search the audit log"
      asks
      onSubmit={(next) => {
        set({ ...next, actor: subjectOf(next.actor) }, "push");
        return Promise.resolve();
      }}
    >
      <div className="grid grid-cols-2 gap-x-4 gap-y-3 xl:grid-cols-4 [&>:nth-child(-n+3)]:max-sm:col-span-2">
        <TextField
          form={fields}
          name="action"
          label="Action"
          list={`${id}-actions`}
          placeholder="Any action"
          spellCheck={false}
        />
        <TextField
          form={fields}
          name="actor"
          label={services ? "Service" : "Person"}
          list={`${id}-actors`}
          placeholder={services ? "Any service" : "Login or subject"}
          spellCheck={false}
        />
        <TextField form={fields} name="resource" label="Resource" placeholder="charts/0190…" spellCheck={false} />
        <SelectField form={fields} name="outcome" label="Outcome" options={outcomes} />
        <DateField form={fields} name="from" label="From" />
        <DateField form={fields} name="to" label="To" />
        <TextField form={fields} name="requestId" label="Request" placeholder="Request number" spellCheck={false} />
        <div className="flex items-end gap-2">
          <Button type="submit" look="primary">
            Search
          </Button>
          {active ? (
            <Button look="quiet" onClick={() => set(Object.fromEntries(Object.keys(values).map((name) => [name, ""])))}>
              Clear
            </Button>
          ) : null}
        </div>
      </div>
      <datalist id={`${id}-actions`}>
        {actionChoices.map(({ value, label }) => (
          <option key={value} value={value} label={label} />
        ))}
      </datalist>
      <datalist id={`${id}-actors`}>
        {services
          ? Object.keys(serviceNames).map((name) => <option key={name} value={name} />)
          : people.map((person) => <option key={person.subject} value={person.login} label={person.subject ?? ""} />)}
      </datalist>
    </Form>
  );
}
