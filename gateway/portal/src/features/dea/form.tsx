import { Controller, useWatch, type UseFormReturn } from "react-hook-form";
import { z } from "zod";
import type { RecordForm } from "@/features/workspace/model";
import {
  deaNumberHints,
  deaNumberProblem,
  nameProblem,
  ordered,
  schedules,
  states,
  today,
  verificationProblems,
} from "@/features/workspace/checks";
import { codeOf, verificationSources } from "@/features/workspace/words";
import { fromCalendarDate, toCalendarDate } from "@/time";
import { DateField, Notice, SelectField, TextField } from "@/ui";
import type { DeaRegistration } from "./api";

/** A registration as its form holds it: dates as YYYY-MM-DD, everything unknown as "". */
const values = z
  .object({
    registrantName: z.string(),
    deaRegistrationNumber: z.string(),
    authorizedSchedules: z.array(z.string()),
    businessActivity: z.string(),
    registeredState: z.string(),
    stationhouse: z.string(),
    issueDate: z.string(),
    expirationDate: z.string(),
    renewalDueDate: z.string(),
    lastVerifiedDate: z.string(),
    verificationSource: z.string(),
  })
  .superRefine((v, context) => {
    const wrong = (path: keyof typeof v, message: string | undefined) => {
      if (message) context.addIssue({ code: "custom", path: [path], message });
    };
    wrong("registrantName", nameProblem(v.registrantName));
    wrong("deaRegistrationNumber", deaNumberProblem(v.deaRegistrationNumber));
    wrong("authorizedSchedules", v.authorizedSchedules.length > 0 ? undefined : "Choose at least one schedule.");
    wrong("registeredState", v.registeredState === "" ? "Choose the state of the registered location." : undefined);
    wrong("stationhouse", v.stationhouse.trim().length > 200 ? "At most 200 characters." : undefined);
    if ((v.issueDate === "") !== (v.expirationDate === "")) {
      wrong(
        v.issueDate === "" ? "issueDate" : "expirationDate",
        "Give both dates, or neither while the registration is pending.",
      );
    } else if (!ordered(v.issueDate, v.expirationDate)) wrong("expirationDate", "The day of issue or later.");
    if (v.renewalDueDate !== "" && (v.expirationDate === "" || !ordered(v.renewalDueDate, v.expirationDate))) {
      wrong("renewalDueDate", "The day of expiry or earlier.");
    }
    for (const problem of verificationProblems(v.lastVerifiedDate, v.verificationSource))
      wrong(problem.field, problem.message);
  });

export type DeaValues = z.infer<typeof values>;

export const activities: Record<NonNullable<DeaRegistration["businessActivity"]>, string> = {
  BUSINESS_ACTIVITY_EMS_AGENCY: "EMS agency, 21 USC 823(k)",
  BUSINESS_ACTIVITY_HOSPITAL_CLINIC: "Hospital or clinic",
  BUSINESS_ACTIVITY_PRACTITIONER: "Practitioner",
  BUSINESS_ACTIVITY_MID_LEVEL_PRACTITIONER: "Mid-level practitioner",
  BUSINESS_ACTIVITY_DISTRIBUTOR: "Distributor",
};

/** Sources in which a registration can be looked up. */
const sources = ["VERIFICATION_SOURCE_DEA_VALIDATION", "VERIFICATION_SOURCE_CERTIFICATE"] as const;

function valuesOf(r: DeaRegistration): DeaValues {
  return {
    registrantName: r.registrantName ?? "",
    deaRegistrationNumber: r.deaRegistrationNumber ?? "",
    authorizedSchedules: [...(r.authorizedSchedules ?? [])].sort(),
    businessActivity: codeOf(activities, r.businessActivity),
    registeredState: r.registeredState ?? "",
    stationhouse: r.stationhouse ?? "",
    issueDate: fromCalendarDate(r.issueDate),
    expirationDate: fromCalendarDate(r.expirationDate),
    renewalDueDate: fromCalendarDate(r.renewalDueDate),
    lastVerifiedDate: fromCalendarDate(r.lastVerifiedDate),
    verificationSource: codeOf(verificationSources, r.verificationSource),
  };
}

/** What is unknown is left out: the API has no empty dates and no empty codes. */
function recordOf(v: DeaValues): DeaRegistration {
  const date = (name: "issueDate" | "expirationDate" | "renewalDueDate" | "lastVerifiedDate") => {
    const value = toCalendarDate(v[name]);
    return value ? { [name]: value } : {};
  };
  return {
    registrantName: v.registrantName.trim(),
    deaRegistrationNumber: v.deaRegistrationNumber.trim().toUpperCase(),
    authorizedSchedules: v.authorizedSchedules,
    registeredState: v.registeredState,
    stationhouse: v.stationhouse.trim(),
    ...(v.businessActivity
      ? { businessActivity: v.businessActivity as NonNullable<DeaRegistration["businessActivity"]> }
      : {}),
    ...(v.verificationSource
      ? { verificationSource: v.verificationSource as NonNullable<DeaRegistration["verificationSource"]> }
      : {}),
    ...date("issueDate"),
    ...date("expirationDate"),
    ...date("renewalDueDate"),
    ...date("lastVerifiedDate"),
  };
}

interface Props {
  readonly form: UseFormReturn<DeaValues, unknown, DeaValues>;
}

const options = (words: Record<string, string>, none: string) => [
  { value: "", label: none },
  ...Object.entries(words).map(([value, label]) => ({ value, label })),
];

function Fields({ form }: Props) {
  return (
    <>
      <fieldset className="grid gap-4 sm:grid-cols-2">
        <legend className="mb-3 font-display font-semibold">Registration</legend>
        <TextField form={form} name="registrantName" label="Registrant" hint="As on the certificate" maxLength={200} />
        <div className="flex flex-col gap-2">
          <TextField
            form={form}
            name="deaRegistrationNumber"
            label="DEA number"
            hint="Two letters and seven digits; the last is a check digit"
            maxLength={9}
            spellCheck={false}
            className="control uppercase"
          />
          <Hints form={form} />
        </div>
        <SelectField
          form={form}
          name="businessActivity"
          label="Business activity"
          optional
          options={options(activities, "Not known")}
        />
        <SelectField
          form={form}
          name="registeredState"
          label="State of the registered location"
          options={[{ value: "", label: "Choose a state" }, ...states.map((s) => ({ value: s, label: s }))]}
        />
        <TextField
          form={form}
          name="stationhouse"
          label="Stationhouse or location"
          optional
          hint="As the agency calls it"
          maxLength={200}
        />
        <Schedules form={form} />
      </fieldset>
      <fieldset className="grid gap-4 border-t border-line pt-4 sm:grid-cols-3">
        <legend className="sr-only">Dates</legend>
        <DateField form={form} name="issueDate" label="Issued" optional />
        <DateField form={form} name="expirationDate" label="Expires" optional />
        <DateField form={form} name="renewalDueDate" label="Renewal to be filed by" optional />
      </fieldset>
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

/** What is unusual about the number, while it is typed. */
function Hints({ form }: Props) {
  const [number, name] = useWatch({ control: form.control, name: ["deaRegistrationNumber", "registrantName"] });
  const hints = deaNumberHints(number, name);
  return (
    <div aria-live="polite">
      {hints.length > 0 ? (
        <Notice tone="warning">
          {hints.map((hint) => (
            <p key={hint}>{hint}</p>
          ))}
        </Notice>
      ) : null}
    </div>
  );
}

function Schedules({ form }: Props) {
  return (
    <Controller
      control={form.control}
      name="authorizedSchedules"
      render={({ field, fieldState }) => (
        <fieldset aria-describedby="schedules-note" aria-invalid={fieldState.error ? true : undefined}>
          <legend className="text-sm font-medium">Authorized schedules</legend>
          <p id="schedules-note" className={fieldState.error ? "text-xs text-danger-text" : "text-xs text-faint"}>
            {fieldState.error?.message ?? "N stands for the non-narcotic part of a schedule"}
          </p>
          <div className="mt-1.5 flex flex-wrap gap-x-4 gap-y-2">
            {schedules.map((schedule, i) => (
              <label key={schedule} className="inline-flex min-h-6 items-center gap-2 text-sm">
                <input
                  type="checkbox"
                  ref={i === 0 ? field.ref : undefined}
                  className="size-4 accent-accent"
                  checked={field.value.includes(schedule)}
                  onBlur={field.onBlur}
                  onChange={(event) =>
                    field.onChange(
                      (event.target.checked
                        ? [...field.value, schedule]
                        : field.value.filter((s) => s !== schedule)
                      ).sort(),
                    )
                  }
                />
                {schedule}
              </label>
            ))}
          </div>
        </fieldset>
      )}
    />
  );
}

export const deaForm: RecordForm<DeaRegistration, DeaValues> = {
  schema: values,
  empty: valuesOf({}),
  valuesOf,
  recordOf,
  Fields,
};
