import type { paths } from "../../api/schema.ts";
import { instantOf } from "../../time.ts";
import { Form, Input, Select } from "../../ui/form.tsx";

type Asked = NonNullable<paths["/api/telehealth/v1/auditRecords"]["get"]["parameters"]["query"]>;

/** What the service looks for; what is left out may be anything. */
export type AuditSearch = Omit<Asked, "pageSize" | "pageToken">;

const roles = [
  ["", "Anybody"],
  ["ROLE_PATIENT", "Patients"],
  ["ROLE_PROVIDER", "Providers"],
  ["ROLE_ADMIN", "Administrators"],
  ["ROLE_BILLING", "Billing"],
] as const;

const outcomes = [
  ["", "Any"],
  ["OK", "Done (OK)"],
  ["refused", "Refused or failed"],
  ["PermissionDenied", "Not permitted"],
  ["NotFound", "Not found, or not theirs"],
] as const;

const searchOf = (v: (name: string) => string): AuditSearch => {
  const outcome = v("outcome");
  const given = {
    subject: v("subject"),
    role: v("role") as NonNullable<Asked["role"]>,
    method: v("method"),
    target: v("target"),
    startTime: instantOf(v("from")),
    endTime: instantOf(v("until")),
    ...(outcome === "refused" ? { refused: true } : { outcome }),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "" && value !== undefined));
};

/** Asks what to look for in the whole log, not only in what is shown. */
export function Search({ onSend }: { onSend: (search: AuditSearch) => void }) {
  return (
    <Form onSend={(v) => onSend(searchOf(v))} onReset={() => onSend({})}>
      <div className="fields wide">
        <Select label="Role" name="role" options={roles} />
        <Input label="Who" hint="Id of the caller." name="subject" maxLength={36} />
        <Input label="Call" hint="Such as ApproveProvider." name="method" pattern="[A-Za-z]*" maxLength={80} />
        <Select label="Outcome" name="outcome" options={outcomes} />
        <Input
          label="About"
          hint="Such as providers/ or appointments/ with an id."
          name="target"
          pattern="[A-Za-z]+(/[0-9A-Za-z\-]*)?"
          maxLength={120}
        />
        <Input label="From" name="from" type="datetime-local" />
        <Input label="Until" name="until" type="datetime-local" />
      </div>
      <div className="row">
        <button className="button main small">Search</button>
        <button type="reset" className="button small">
          Show everything
        </button>
      </div>
    </Form>
  );
}
