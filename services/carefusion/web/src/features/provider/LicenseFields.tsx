import type { Message } from "../../api/client.ts";
import { states } from "../../api/words.ts";
import { civilOf } from "../../time.ts";
import { Input, Select } from "../../ui/form.tsx";

export function LicenseFields() {
  return (
    <div className="fields">
      <Select label="State of the licence" name="state" options={states} />
      <Input label="Licence number" name="number" required maxLength={40} autoComplete="off" />
      <Input label="Last day of validity" name="expires" type="date" required />
    </div>
  );
}

export const licenseOf = (v: (name: string) => string): Message<"License"> => ({
  state: v("state"),
  licenseNumber: v("number"),
  expireDate: civilOf(v("expires")),
});
