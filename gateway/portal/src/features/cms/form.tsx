import { Plus, Trash2 } from "lucide-react";
import { useFieldArray, type UseFormReturn } from "react-hook-form";
import { z } from "zod";
import type { Schema } from "@/api";
import {
  macProblem,
  nameProblem,
  npiProblem,
  ordered,
  payerProblem,
  pecosProblem,
  ptanProblem,
  states,
  today,
  verificationProblems,
} from "@/features/workspace/checks";
import type { RecordForm } from "@/features/workspace/model";
import { codeOf, verificationSources } from "@/features/workspace/words";
import { fromCalendarDate, toCalendarDate } from "@/time";
import { Button, DateField, IconButton, SelectField, TextField } from "@/ui";
import type { CmsEnrollment } from "./api";

type Participation = Schema<"v1PayerParticipation">;
type ParticipationStatus = NonNullable<Participation["status"]>;

export const participationWords: Record<ParticipationStatus, string> = {
  STATUS_PARTICIPATING: "Participating",
  STATUS_NON_PARTICIPATING: "Not participating",
  STATUS_PENDING: "Pending",
};

const payer = z.object({ payerId: z.string(), status: z.string(), effectiveDate: z.string(), endDate: z.string() });

/** An enrollment as its form holds it: dates as YYYY-MM-DD, everything unknown as "". */
const values = z
  .object({
    supplierName: z.string(),
    npiReference: z.string(),
    ptanReference: z.string(),
    enrollmentState: z.string(),
    pecosEnrollmentId: z.string(),
    macIdentifier: z.string(),
    effectiveDate: z.string(),
    deactivationDate: z.string(),
    revalidationDueDate: z.string(),
    payerParticipation: z.array(payer),
    lastVerifiedDate: z.string(),
    verificationSource: z.string(),
  })
  .superRefine((v, context) => {
    const wrong = (path: (string | number)[], message: string | undefined) => {
      if (message) context.addIssue({ code: "custom", path, message });
    };
    wrong(["supplierName"], nameProblem(v.supplierName));
    wrong(["npiReference"], npiProblem(v.npiReference));
    wrong(["ptanReference"], ptanProblem(v.ptanReference));
    wrong(["enrollmentState"], v.enrollmentState === "" ? "Choose the state of practice." : undefined);
    wrong(["pecosEnrollmentId"], pecosProblem(v.pecosEnrollmentId));
    wrong(["macIdentifier"], macProblem(v.macIdentifier));
    if (v.deactivationDate !== "" && (v.effectiveDate === "" || !ordered(v.effectiveDate, v.deactivationDate))) {
      wrong(["deactivationDate"], "The effective date or later.");
    }
    if (!ordered(v.effectiveDate, v.revalidationDueDate))
      wrong(["revalidationDueDate"], "The effective date or later.");
    checkPayers(v.payerParticipation, wrong);
    for (const problem of verificationProblems(v.lastVerifiedDate, v.verificationSource))
      wrong([problem.field], problem.message);
  });

function checkPayers(
  payers: z.infer<typeof payer>[],
  wrong: (path: (string | number)[], message: string | undefined) => void,
): void {
  const seen = new Set<string>();
  for (const [i, p] of payers.entries()) {
    const at = (field: string) => ["payerParticipation", i, field];
    const key = `${p.payerId} ${p.effectiveDate}`;
    wrong(
      at("payerId"),
      payerProblem(p.payerId) ?? (seen.has(key) ? "One entry for each payer and first day." : undefined),
    );
    wrong(at("status"), p.status === "" ? "Choose how the agency stands with the payer." : undefined);
    wrong(at("effectiveDate"), p.effectiveDate === "" ? "Enter the first day." : undefined);
    wrong(at("endDate"), ordered(p.effectiveDate, p.endDate) ? undefined : "The first day or later.");
    seen.add(key);
  }
}

export type CmsValues = z.infer<typeof values>;

/** Sources in which an enrollment can be looked up. */
const sources = ["VERIFICATION_SOURCE_PECOS", "VERIFICATION_SOURCE_NPPES", "VERIFICATION_SOURCE_MAC_LETTER"] as const;

function valuesOf(r: CmsEnrollment): CmsValues {
  return {
    supplierName: r.supplierName ?? "",
    npiReference: r.npiReference ?? "",
    ptanReference: r.ptanReference ?? "",
    enrollmentState: r.enrollmentState ?? "",
    pecosEnrollmentId: r.pecosEnrollmentId ?? "",
    macIdentifier: r.macIdentifier ?? "",
    effectiveDate: fromCalendarDate(r.effectiveDate),
    deactivationDate: fromCalendarDate(r.deactivationDate),
    revalidationDueDate: fromCalendarDate(r.revalidationDueDate),
    payerParticipation: (r.payerParticipation ?? []).map((p) => ({
      payerId: p.payerId ?? "",
      status: codeOf(participationWords, p.status),
      effectiveDate: fromCalendarDate(p.effectiveDate),
      endDate: fromCalendarDate(p.endDate),
    })),
    lastVerifiedDate: fromCalendarDate(r.lastVerifiedDate),
    verificationSource: codeOf(verificationSources, r.verificationSource),
  };
}

/** What is unknown is left out: the API has no empty dates and no empty codes. */
function recordOf(v: CmsValues): CmsEnrollment {
  const code = (text: string) => text.trim().toUpperCase();
  const date = <N extends string>(name: N, text: string) => {
    const value = toCalendarDate(text);
    return (value ? { [name]: value } : {}) as { [K in N]?: NonNullable<typeof value> };
  };
  return {
    supplierName: v.supplierName.trim(),
    npiReference: v.npiReference.trim(),
    ptanReference: code(v.ptanReference),
    enrollmentState: v.enrollmentState,
    pecosEnrollmentId: code(v.pecosEnrollmentId),
    macIdentifier: v.macIdentifier.trim(),
    payerParticipation: v.payerParticipation.map((p) => ({
      payerId: p.payerId.trim(),
      ...(p.status ? { status: p.status as ParticipationStatus } : {}),
      ...date("effectiveDate", p.effectiveDate),
      ...date("endDate", p.endDate),
    })),
    ...(v.verificationSource
      ? { verificationSource: v.verificationSource as NonNullable<CmsEnrollment["verificationSource"]> }
      : {}),
    ...date("effectiveDate", v.effectiveDate),
    ...date("deactivationDate", v.deactivationDate),
    ...date("revalidationDueDate", v.revalidationDueDate),
    ...date("lastVerifiedDate", v.lastVerifiedDate),
  };
}

interface Props {
  readonly form: UseFormReturn<CmsValues, unknown, CmsValues>;
}

function Fields({ form }: Props) {
  return (
    <>
      <fieldset className="grid gap-4 sm:grid-cols-2">
        <legend className="mb-3 font-display font-semibold">Enrollment</legend>
        <TextField
          form={form}
          name="supplierName"
          label="Supplier"
          hint="Legal business name, as in PECOS"
          maxLength={200}
        />
        <TextField
          form={form}
          name="npiReference"
          label="NPI"
          hint="Ten digits; the last is a check digit"
          inputMode="numeric"
          maxLength={10}
        />
        <TextField
          form={form}
          name="ptanReference"
          label="PTAN"
          optional
          hint="From the contractor's approval letter"
          maxLength={10}
          spellCheck={false}
          className="control uppercase"
        />
        <SelectField
          form={form}
          name="enrollmentState"
          label="State of practice"
          options={[{ value: "", label: "Choose a state" }, ...states.map((s) => ({ value: s, label: s }))]}
        />
        <TextField
          form={form}
          name="pecosEnrollmentId"
          label="PECOS enrollment ID"
          optional
          hint="I or O and 14 digits"
          maxLength={15}
          spellCheck={false}
          className="control uppercase"
        />
        <TextField
          form={form}
          name="macIdentifier"
          label="Administrative contractor (MAC)"
          optional
          hint="Five digits, e.g. 06202"
          inputMode="numeric"
          maxLength={5}
        />
      </fieldset>
      <fieldset className="grid gap-4 border-t border-line pt-4 sm:grid-cols-3">
        <legend className="sr-only">Dates</legend>
        <DateField form={form} name="effectiveDate" label="Effective" optional />
        <DateField form={form} name="revalidationDueDate" label="Revalidation due" optional />
        <DateField
          form={form}
          name="deactivationDate"
          label="Last day"
          optional
          hint="Only when the enrollment ended"
        />
      </fieldset>
      <Payers form={form} />
      <fieldset className="grid gap-4 border-t border-line pt-4 sm:grid-cols-2">
        <legend className="sr-only">Verification</legend>
        <DateField form={form} name="lastVerifiedDate" label="Last looked up" optional max={today()} />
        <SelectField
          form={form}
          name="verificationSource"
          label="Where"
          optional
          options={[
            { value: "", label: "Not looked up" },
            ...sources.map((s) => ({ value: s, label: verificationSources[s] })),
          ]}
        />
      </fieldset>
    </>
  );
}

function Payers({ form }: Props) {
  const { fields, append, remove } = useFieldArray({ control: form.control, name: "payerParticipation" });
  return (
    <fieldset className="flex flex-col gap-3 border-t border-line pt-4">
      <legend className="sr-only">Participation with payers</legend>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="font-display font-semibold" aria-hidden="true">
          Participation with payers
        </p>
        <Button
          icon={<Plus aria-hidden="true" className="size-4" />}
          onClick={() => append({ payerId: "", status: "", effectiveDate: "", endDate: "" })}
        >
          Add payer
        </Button>
      </div>
      {fields.length === 0 ? <p className="text-sm text-faint">None entered.</p> : null}
      {fields.map((field, i) => (
        <div
          key={field.id}
          role="group"
          aria-label={`Payer ${i + 1}`}
          className="grid items-start gap-3 rounded-card border border-line bg-raised p-3 sm:grid-cols-[1fr_1fr] lg:grid-cols-[1fr_1.2fr_1fr_1fr_auto]"
        >
          <TextField form={form} name={`payerParticipation.${i}.payerId`} label="Payer ID" maxLength={20} />
          <SelectField
            form={form}
            name={`payerParticipation.${i}.status`}
            label="Status"
            options={[
              { value: "", label: "Choose" },
              ...Object.entries(participationWords).map(([value, label]) => ({ value, label })),
            ]}
          />
          <DateField form={form} name={`payerParticipation.${i}.effectiveDate`} label="First day" />
          <DateField form={form} name={`payerParticipation.${i}.endDate`} label="Last day" optional />
          <IconButton label={`Remove payer ${i + 1}`} className="lg:mt-6" onClick={() => remove(i)}>
            <Trash2 aria-hidden="true" className="size-4" />
          </IconButton>
        </div>
      ))}
    </fieldset>
  );
}

export const cmsForm: RecordForm<CmsEnrollment, CmsValues> = {
  schema: values,
  empty: valuesOf({}),
  valuesOf,
  recordOf,
  Fields,
};
