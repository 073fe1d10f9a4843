import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { z } from "zod";
import { ApiProblem, type Violation } from "@/api";
import {
  Field,
  Form,
  FormActions,
  Loaded,
  Notice,
  Page,
  Section,
  TextAreaField,
  linkClass,
  toast,
  useZodForm,
} from "@/ui";
import type { Json } from "./diff";
import { countOfChanges, DiffTable } from "./DiffTable";
import { lineOf, placeOf } from "./pointer";
import { pretty } from "./pretty";
import { createVersion, versionsQuery, type Version } from "./queries";
import { policyTitle } from "./words";

const route = getRouteApi("/governance/$key/new");

/** Why a text is no JSON, with the line where the browser stumbled. */
export function syntaxError(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? null
      : "A document is an object: { … }";
  } catch (error) {
    const found = error instanceof Error ? error.message : "not JSON";
    const at = /position (\d+)/.exec(found)?.[1];
    return at ? `Line ${lineOf(text, Number(at))}: not JSON here` : `Not JSON: ${found}`;
  }
}

const schema = z.object({
  document: z.string().superRefine((text, context) => {
    const error = syntaxError(text);
    if (error) context.addIssue({ code: "custom", message: error });
  }),
  comment: z.string().trim().min(1, "Say why this version is made").max(2000, "At most 2,000 characters"),
});

export function NewVersionPage() {
  const { key } = route.useParams();
  const query = useInfiniteQuery(versionsQuery(key));
  return (
    <Page
      eyebrow={policyTitle(key)}
      title="New version"
      lead="It begins as the version in force. Making a version changes nothing yet: it is put in force in a second step."
    >
      <Loaded query={query} lines={12}>
        {({ pages }) => {
          const versions = pages.flatMap((page) => (page.versions ?? []) as Version[]);
          const base = versions.find((version) => version.active) ?? versions[0];
          return <Editor policy={key} base={base} />;
        }}
      </Loaded>
    </Page>
  );
}

function Editor({ policy, base }: { policy: string; base: Version | undefined }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [violations, setViolations] = useState<readonly Violation[]>([]);
  const area = useRef<HTMLTextAreaElement | null>(null);
  const form = useZodForm(schema, {
    mode: "onChange",
    defaultValues: { document: pretty(base?.document ?? {}), comment: "" },
  });
  const text = form.watch("document");
  const lines = text.split("\n").length;
  const { ref, ...bound } = form.register("document");
  const save = async ({ document, comment }: z.infer<typeof schema>) => {
    setViolations([]);
    try {
      const made = await createVersion(policy, JSON.parse(document) as Json, comment);
      await client.invalidateQueries({ queryKey: ["governance"] });
      toast("success", `Version ${made.version} was made`, "It is not in force yet.");
      await navigate({ to: "/governance/$key", params: { key: policy } as never });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.reason !== "POLICY_INVALID") throw error;
      setViolations(error.errors);
    }
  };
  return (
    <div className="grid gap-6 xl:grid-cols-2">
      <Section title="Document">
        <Form form={form} label="New version of the policy" onSubmit={save}>
          <Violations violations={violations} text={text} area={area} />
          <Field
            label="Document (JSON)"
            hint={`Version ${base?.version} is in force. The server checks every value against the schema of the policy.`}
            error={form.formState.errors.document?.message}
          >
            {(control) => (
              <textarea
                {...control}
                {...bound}
                ref={(element) => {
                  ref(element);
                  area.current = element;
                }}
                // As tall as what is edited, within a screen.
                rows={Math.min(Math.max(lines + 2, 10), 32)}
                spellCheck={false}
                wrap="off"
                className="control font-mono text-xs leading-5"
              />
            )}
          </Field>
          <TextAreaField
            form={form}
            name="comment"
            label="Why"
            rows={3}
            hint="Whoever puts it in force, or audits it, reads this."
          />
          <FormActions
            form={form}
            action="Make version"
            onCancel={() => void navigate({ to: "/governance/$key", params: { key: policy } as never })}
          />
        </Form>
      </Section>
      <Preview base={base} text={text} />
    </div>
  );
}

/** What was edited so far, as long as the text can be read. */
function Preview({ base, text }: { base: Version | undefined; text: string }) {
  const readable = syntaxError(text) === null;
  const before = base?.document ?? null;
  const after = readable ? (JSON.parse(text) as Json) : null;
  return (
    <Section
      title="What you changed"
      note={readable ? countOfChanges(before, after) : "Cannot be told while the text is not JSON"}
      flush
    >
      {readable ? (
        <DiffTable
          caption="What differs from the version in force"
          same="Nothing is changed yet"
          before={before}
          after={after}
        />
      ) : (
        <p className="p-4 text-sm text-muted">Correct the document first.</p>
      )}
    </Section>
  );
}

/** Every place that the schema of the policy refuses; a click goes there. */
function Violations({
  violations,
  text,
  area,
}: {
  violations: readonly Violation[];
  text: string;
  area: React.RefObject<HTMLTextAreaElement | null>;
}) {
  if (violations.length === 0) return null;
  const go = (at: number) => {
    area.current?.focus();
    const end = text.indexOf("\n", at);
    area.current?.setSelectionRange(at, end < 0 ? text.length : end);
  };
  return (
    <div role="alert">
      <Notice
        tone="danger"
        title={`The document does not fit its schema in ${violations.length === 1 ? "one place" : `${violations.length} places`}`}
      >
        <ul className="flex flex-col gap-1.5">
          {violations.map(({ field, rule, message }) => {
            const pointer = field.replace(/^\/document/, "");
            const place = placeOf(text, pointer);
            return (
              <li key={`${field} ${rule} ${message}`}>
                {place ? (
                  <button type="button" className={`${linkClass} text-start`} onClick={() => go(place.at)}>
                    Line {place.line}
                  </button>
                ) : null}{" "}
                <code className="font-mono text-xs break-all">{pointer || "/"}</code>: {message}
              </li>
            );
          })}
        </ul>
      </Notice>
    </div>
  );
}
