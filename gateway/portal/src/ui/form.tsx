import { zodResolver } from "@hookform/resolvers/zod";
import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";
import { get, useForm, type FieldPath, type FieldValues, type UseFormProps, type UseFormReturn } from "react-hook-form";
import type { z } from "zod";
import { ApiProblem, explain } from "@/api/problem";
import { useUnsaved } from "@/api/unsaved";
import { Button } from "./Button";
import { Notice } from "./Status";
import { RequestId } from "./states";

/** A form whose values a zod schema checks: when a field is left, and then while typing. */
export function useZodForm<In extends FieldValues, Out extends FieldValues>(
  schema: z.ZodType<Out, In>,
  options: Omit<UseFormProps<In, unknown, Out>, "resolver"> = {},
) {
  return useForm<In, unknown, Out>({ mode: "onTouched", ...options, resolver: zodResolver(schema) });
}

/** "registrations[0].number" as the form names it. */
const formPath = (field: string) => field.replace(/\[(\d+)\]/g, ".$1");

/**
 * Shows a refused request in the form: a violation at its field when the form has one, everything else above the fields. `rename`
 * maps a field of the API to one of the form where they differ.
 */
export function applyProblem<In extends FieldValues, Out extends FieldValues>(
  form: UseFormReturn<In, unknown, Out>,
  error: unknown,
  rename: Readonly<Record<string, FieldPath<In>>> = {},
): void {
  const { title, todo, detail, requestId } = explain(error);
  const rest: string[] = [];
  let focused = false;
  for (const violation of error instanceof ApiProblem ? error.errors : []) {
    const path = (rename[violation.field] ?? formPath(violation.field)) as FieldPath<In>;
    const last = path.slice(path.lastIndexOf(".") + 1) as FieldPath<In>;
    const target = [path, last].find((p) => get(form.getValues(), p) !== undefined);
    if (target) {
      form.setError(target, { type: violation.rule, message: violation.message }, { shouldFocus: !focused });
      focused = true;
    } else rest.push(`${violation.field}: ${violation.message}`);
  }
  if (focused && rest.length === 0) return;
  form.setError("root.server", { type: requestId, message: [title, detail, ...rest, todo].filter(Boolean).join("\n") });
}

/** The frame of a form: submits valid values, shows what the server refuses, and keeps what was typed. */
export function Form<In extends FieldValues, Out extends FieldValues>({
  form,
  onSubmit,
  rename,
  children,
  label,
  asks = false,
}: {
  form: UseFormReturn<In, unknown, Out>;
  onSubmit: (values: Out) => Promise<unknown>;
  rename?: Readonly<Record<string, FieldPath<In>>>;
  children: ReactNode;
  label: string;
  /** It only asks for something: nothing is lost when it goes. */
  asks?: boolean;
}) {
  const { isDirty, isSubmitting, isSubmitSuccessful } = form.formState;
  useUnsaved(!asks && isDirty && !isSubmitSuccessful, isSubmitting);
  const submit = form.handleSubmit(async (values) => {
    try {
      await onSubmit(values);
    } catch (error) {
      applyProblem(form, error, rename);
    }
  });
  return (
    <form
      noValidate
      aria-label={label}
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        // A form in a dialog must not submit the form that the dialog stands in.
        event.stopPropagation();
        void submit(event);
      }}
    >
      <ServerError form={form} />
      {children}
    </form>
  );
}

function ServerError<In extends FieldValues, Out extends FieldValues>({
  form,
}: {
  form: UseFormReturn<In, unknown, Out>;
}) {
  const error = form.formState.errors.root?.server;
  if (!error?.message) return null;
  const [title, ...lines] = error.message.split("\n");
  return (
    <div role="alert">
      <Notice tone="danger" title={title}>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        <RequestId id={String(error.type ?? "")} />
      </Notice>
    </div>
  );
}

interface FieldShape {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly optional?: boolean;
}

/** Label, hint, control and error, tied together for everyone. */
export function Field({
  label,
  hint,
  optional = false,
  error,
  children,
}: FieldShape & {
  error?: string | undefined;
  children: (control: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {optional ? <span className="font-normal text-faint"> (optional)</span> : null}
      </label>
      {hint ? (
        <p id={`${id}-hint`} className="text-xs text-faint">
          {hint}
        </p>
      ) : null}
      {children({
        id,
        ...(described ? { "aria-describedby": described } : {}),
        ...(error ? { "aria-invalid": true } : {}),
      })}
      {error ? (
        <p id={`${id}-error`} className="text-xs text-danger-text">
          {error}
        </p>
      ) : null}
    </div>
  );
}

type Bound<In extends FieldValues, Out extends FieldValues> = FieldShape & {
  readonly form: UseFormReturn<In, unknown, Out>;
  readonly name: FieldPath<In>;
};

function messageOf<In extends FieldValues, Out extends FieldValues>(
  form: UseFormReturn<In, unknown, Out>,
  name: FieldPath<In>,
) {
  return form.getFieldState(name, form.formState).error?.message;
}

export function TextField<In extends FieldValues, Out extends FieldValues>({
  form,
  name,
  label,
  hint,
  optional,
  ...input
}: Bound<In, Out> & Omit<InputHTMLAttributes<HTMLInputElement>, "form" | "name">) {
  return (
    <Field label={label} hint={hint} optional={optional ?? false} error={messageOf(form, name)}>
      {(control) => (
        <input type="text" autoComplete="off" {...input} {...control} {...form.register(name)} className="control" />
      )}
    </Field>
  );
}

/** A calendar date, YYYY-MM-DD in the form's values. */
export function DateField<In extends FieldValues, Out extends FieldValues>(
  props: Bound<In, Out> & { min?: string; max?: string; disabled?: boolean },
) {
  return <TextField {...props} type="date" />;
}

export function TextAreaField<In extends FieldValues, Out extends FieldValues>({
  form,
  name,
  label,
  hint,
  optional,
  ...area
}: Bound<In, Out> & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "form" | "name">) {
  return (
    <Field label={label} hint={hint} optional={optional ?? false} error={messageOf(form, name)}>
      {(control) => <textarea rows={4} {...area} {...control} {...form.register(name)} className="control" />}
    </Field>
  );
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export function SelectField<In extends FieldValues, Out extends FieldValues>({
  form,
  name,
  label,
  hint,
  optional,
  options,
  ...select
}: Bound<In, Out> & { options: readonly Option[] } & Omit<SelectHTMLAttributes<HTMLSelectElement>, "form" | "name">) {
  return (
    <Field label={label} hint={hint} optional={optional ?? false} error={messageOf(form, name)}>
      {(control) => (
        <select {...select} {...control} {...form.register(name)} className="control">
          <Options options={options} />
        </select>
      )}
    </Field>
  );
}

export function Options({ options }: { options: readonly Option[] }) {
  return options.map((option) => (
    <option key={option.value} value={option.value}>
      {option.label}
    </option>
  ));
}

export function CheckboxField<In extends FieldValues, Out extends FieldValues>({
  form,
  name,
  label,
  hint,
}: Bound<In, Out>) {
  const id = useId();
  const error = messageOf(form, name);
  return (
    <div>
      <div className="flex items-start gap-2.5">
        <input
          id={id}
          type="checkbox"
          className="mt-0.5 size-4 shrink-0 accent-accent"
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-note` : undefined}
          {...form.register(name)}
        />
        <label htmlFor={id} className="text-sm">
          {label}
        </label>
      </div>
      {hint || error ? (
        <p id={`${id}-note`} className={error ? "mt-1 text-xs text-danger-text" : "mt-1 text-xs text-faint"}>
          {error ?? hint}
        </p>
      ) : null}
    </div>
  );
}

/** The end of a form. */
export function FormActions<In extends FieldValues, Out extends FieldValues>({
  form,
  action,
  onCancel,
}: {
  form: UseFormReturn<In, unknown, Out>;
  /** What the button does, as a verb: "Save record". */
  action: string;
  onCancel?: () => void;
}) {
  return (
    <div className="flex flex-wrap justify-end gap-2">
      {onCancel ? <Button onClick={onCancel}>Cancel</Button> : null}
      <Button type="submit" look="primary" pending={form.formState.isSubmitting}>
        {action}
      </Button>
    </div>
  );
}
