import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useWatch, type UseFormReturn } from "react-hook-form";
import { useMe } from "@/permissions";
import { isoDay, useZone } from "@/time";
import {
  ButtonLink,
  Columns,
  EmptyState,
  Form,
  FormActions,
  Loaded,
  Page,
  Section,
  SelectField,
  TextField,
  useZodForm,
} from "@/ui";
import { CallLine } from "./CallLine";
import { runSchema, type RunValues } from "./form";
import { daysOf, isDay, meaningOf, mostDays, ownZone, periodOf, presets, type Preset } from "./period";
import { executionQuery, runTemplate, templatesQuery, type Template } from "./queries";
import { elementsOf, groupingLabel, sentences } from "./words";

const route = getRouteApi("/reports/templates/$template");

export function RunPage() {
  const { template: id } = route.useParams();
  const templates = useQuery(templatesQuery);
  if (!templates.data) {
    return (
      <Page eyebrow="Reports" title="Run a report" actions={<ButtonLink to="/reports">All reports</ButtonLink>}>
        <Loaded query={templates} lines={6}>
          {() => null}
        </Loaded>
      </Page>
    );
  }
  const template = templates.data.find((t) => t.id === id);
  return template ? <Run key={id} template={template} /> : <NoTemplate />;
}

function NoTemplate() {
  return (
    <Page eyebrow="Reports" title="No such report">
      <Section title="This report does not exist">
        <EmptyState title="It may have had another name" action={<ButtonLink to="/reports">All reports</ButtonLink>} />
      </Section>
    </Page>
  );
}

function Run({ template }: { template: Template }) {
  return (
    <Page eyebrow="Reports" title={template.displayName} actions={<ButtonLink to="/reports">All reports</ButtonLink>}>
      <Columns>
        <Section title="Run">
          <RunForm template={template} />
        </Section>
        <Section title="What it measures">
          <div className="flex flex-col gap-4">
            <CallLine between={elementsOf(template.description)} named />
            <ul className="flex flex-col gap-2 text-muted">
              {sentences(template.description).map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </div>
        </Section>
      </Columns>
    </Page>
  );
}

export function RunForm({ template }: { template: Template }) {
  const me = useMe();
  const zone = useZone() ?? ownZone();
  const today = isoDay(new Date(), zone);
  const across = !me.agency;
  const client = useQueryClient();
  const navigate = useNavigate();
  const run = useMutation({
    mutationFn: ({ from, to, groupBy }: RunValues) =>
      runTemplate(template.id ?? "", { from, to, groupBy, timeZone: zone }),
  });
  const form = useZodForm<RunValues, RunValues>(runSchema(today), {
    defaultValues: {
      preset: "this-month",
      ...periodOf("this-month", today),
      groupBy: across ? "agency" : (template.groupBy?.[0] ?? "unit"),
    },
  });
  const submit = async (values: RunValues) => {
    const execution = await run.mutateAsync(values);
    const id = execution.id ?? "";
    client.setQueryData(executionQuery(id).queryKey, execution);
    await client.invalidateQueries({ queryKey: ["reports", "executions"] });
    await navigate({ to: "/reports/executions/$id", params: { id } });
  };
  const groups = across ? ["agency"] : (template.groupBy ?? []);
  return (
    <Form asks form={form} label={`Run ${template.displayName ?? "the report"}`} onSubmit={submit}>
      <Days form={form} today={today} />
      <Meaning form={form} zone={zone} />
      <SelectField
        form={form}
        name="groupBy"
        label="Group by"
        hint={
          across ? "Across agencies there is one row for each agency with calls in the period." : "One row for each."
        }
        options={groups.map((g) => ({ value: g, label: groupingLabel(g) }))}
      />
      <FormActions form={form} action="Run report" />
    </Form>
  );
}

type RunFormState = UseFormReturn<RunValues, unknown, RunValues>;

/** The period by a name people use for it, or by its days; changing a day makes it a period of its own. */
function Days({ form, today }: { form: RunFormState; today: string }) {
  const { setValue, clearErrors } = form;
  const choose = (preset: Preset) => {
    if (preset === "custom") return;
    const { from, to } = periodOf(preset, today);
    setValue("from", from);
    setValue("to", to);
    clearErrors(["from", "to"]);
  };
  const own = () => setValue("preset", "custom");
  return (
    <>
      <SelectField
        form={form}
        name="preset"
        label="Period"
        options={presets}
        onInput={(event) => choose(event.currentTarget.value as Preset)}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField form={form} name="from" label="First day" type="date" max={today} onInput={own} />
        <TextField form={form} name="to" label="Last day" type="date" onInput={own} />
      </div>
    </>
  );
}

function Meaning({ form, zone }: { form: RunFormState; zone: string }) {
  const [from, to] = useWatch({ control: form.control, name: ["from", "to"] });
  const valid = isDay(from) && isDay(to) && from <= to && daysOf({ from, to }) <= mostDays;
  return (
    <p role="status" className="min-h-10 text-sm text-muted">
      {valid ? meaningOf({ from, to }, zone) : `A period is at most ${mostDays} days of ${zone}.`}
    </p>
  );
}
