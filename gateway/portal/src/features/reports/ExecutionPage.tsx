import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Download, RotateCw } from "lucide-react";
import { Can, useMe } from "@/permissions";
import { formatNumber, Time } from "@/time";
import {
  Button,
  ButtonLink,
  EmptyState,
  Loaded,
  Notice,
  Page,
  Section,
  StatTile,
  StatTiles,
  toast,
  toastError,
  announce,
} from "@/ui";
import { BoxPlot } from "./BoxPlot";
import { excludedText, fewCalls, isFew, sorted, totalOf, type Execution } from "./figures";
import { How } from "./How";
import { periodBetween, periodText } from "./period";
import { executionQuery, exportExecution, runTemplate, templatesQuery, useNames, type Format } from "./queries";
import { ResultTable, useOrder } from "./ResultTable";
import { saveFile } from "./save";
import { groupingLabel, groupName } from "./words";

const route = getRouteApi("/reports/executions/$id");

export function ExecutionPage() {
  const { id } = route.useParams();
  const query = useQuery(executionQuery(id));
  if (query.data) return <Result execution={query.data} />;
  return (
    <Page eyebrow="Reports" title="Report" actions={<ButtonLink to="/reports">All reports</ButtonLink>}>
      <Loaded query={query} lines={8}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Result({ execution: e }: { execution: Execution }) {
  const templates = useQuery(templatesQuery);
  const template = templates.data?.find((t) => t.id === e.template);
  const names = useNames(e.groupBy);
  const { key, descending } = useOrder();
  const period = periodBetween(e.from, e.to, e.timeZone);
  const name = (group: string) => groupName(e.groupBy, group, names);
  const rows = sorted(e.rows ?? [], key, descending, name);
  const where =
    e.agencyId === "0" ? "all agencies" : (names.agencies[e.agencyId ?? ""] ?? `agency ${e.agencyId ?? ""}`);
  return (
    <Page
      eyebrow="Report"
      title={template?.displayName ?? e.template}
      lead={`${period ? periodText(period) : ""} · by ${groupingLabel(e.groupBy).toLowerCase()} · ${where}`}
      actions={<Actions execution={e} />}
    >
      <Again execution={e} />
      <Headline execution={e} />
      {rows.length === 0 ? (
        <Section title="Figures">
          <EmptyState title="No unit was notified in this period" action={<RunLink execution={e} />}>
            Choose another period, or import the charts of these days first.
          </EmptyState>
        </Section>
      ) : (
        <>
          <Section title="Spread" note="Time of the calls of each group, minutes and seconds">
            <BoxPlot rows={rows} name={name} title={template?.displayName ?? e.template ?? "Report"} />
          </Section>
          <Section
            title="Figures"
            note={`Minutes and seconds; 10th to 90th are percentiles. With fewer than ${fewCalls} calls they say little: such groups are marked.`}
            flush
          >
            <ResultTable rows={rows} groupBy={e.groupBy} name={name} />
          </Section>
        </>
      )}
      <How execution={e} template={template} where={where} />
    </Page>
  );
}

function RunLink({ execution }: { execution: Execution }) {
  return (
    <Can do="ReportService_RunTemplate">
      <ButtonLink to="/reports/templates/$template" params={{ template: execution.template ?? "" }}>
        Choose another period
      </ButtonLink>
    </Can>
  );
}

function Headline({ execution: e }: { execution: Execution }) {
  const few = (e.rows ?? []).filter(isFew).length;
  return (
    <StatTiles label="Headline">
      <StatTile
        label="Calls in the figures"
        value={formatNumber(e.n)}
        tone="accent"
        note={e.rows?.length === 1 ? "in 1 group" : `in ${formatNumber(e.rows?.length ?? 0)} groups`}
      />
      <StatTile
        label="Calls left out"
        value={formatNumber(totalOf(e.excluded))}
        note={excludedText(e.excluded) || (e.n ? "every call of the period counts" : "none")}
      />
      <StatTile
        label="Groups with few calls"
        value={formatNumber(few)}
        tone={few > 0 ? "warning" : "neutral"}
        note={few > 0 ? `fewer than ${fewCalls}: read them with caution` : "none"}
      />
      <StatTile
        label="Facts received until"
        value={
          <span className="text-base sm:text-2xl">
            <Time value={e.dataAsOf} style="date" />
          </span>
        }
        note={
          <>
            <Time value={e.dataAsOf} style="time" /> · mark {formatNumber(e.watermark)}
          </>
        }
      />
    </StatTiles>
  );
}

const formats: readonly { format: Format; label: string }[] = [
  { format: "csv", label: "CSV" },
  { format: "xlsx", label: "XLSX" },
  { format: "json", label: "JSON" },
];

function Actions({ execution: e }: { execution: Execution }) {
  return (
    <>
      <Can do="ReportService_ExportExecution">
        <div role="group" aria-label="Export" className="flex gap-2">
          {formats.map((f) => (
            <ExportButton key={f.format} id={e.id ?? ""} {...f} />
          ))}
        </div>
      </Can>
      <RunAgain execution={e} />
    </>
  );
}

function ExportButton({ id, format, label }: { id: string; format: Format; label: string }) {
  const get = useMutation({
    mutationFn: () => exportExecution(id, format),
    onSuccess: (file) => {
      saveFile(file);
      toast("success", "Exported", file.name);
    },
    onError: toastError,
  });
  return (
    <Button
      icon={<Download aria-hidden="true" className="size-4" />}
      aria-label={`Export ${label}`}
      pending={get.isPending}
      onClick={() => get.mutate()}
    >
      {label}
    </Button>
  );
}

/** The same question now. It is the same only where it was asked: in its agency, or across all. */
function RunAgain({ execution: e }: { execution: Execution }) {
  const me = useMe();
  const search = route.useSearch();
  const client = useQueryClient();
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: () =>
      runTemplate(e.template ?? "", {
        from: e.from ?? "",
        to: e.to ?? "",
        groupBy: e.groupBy ?? "",
        timeZone: e.timeZone ?? "UTC",
      }),
    onSuccess: async (next) => {
      const id = next.id ?? "";
      client.setQueryData(executionQuery(id).queryKey, next);
      await client.invalidateQueries({ queryKey: ["reports", "executions"] });
      await navigate({ to: "/reports/executions/$id", params: { id }, search: { ...search, again: e.id } });
      announce("The report was run again");
    },
    onError: toastError,
  });
  if ((me.agency?.id ?? "0") !== e.agencyId) return null;
  return (
    <Can do="ReportService_RunTemplate">
      <Button
        look="primary"
        icon={<RotateCw aria-hidden="true" className="size-4" />}
        pending={again.isPending}
        onClick={() => again.mutate()}
      >
        Run again
      </Button>
    </Can>
  );
}

/** What became of the answer since the run that this one repeats. */
function Again({ execution: e }: { execution: Execution }) {
  const { again } = route.useSearch();
  const before = useQuery({ ...executionQuery(again ?? ""), enabled: again !== undefined && again !== e.id }).data;
  if (!before || before.template !== e.template) return null;
  const when = <Time value={before.createTime} />;
  if (before.resultSha256 === e.resultSha256) {
    return (
      <Notice tone="success" title="The same answer as before, to the byte">
        The run of {when} gave the result with the same SHA-256.
      </Notice>
    );
  }
  if (before.catalogueVersion !== e.catalogueVersion) {
    return (
      <Notice title="Computed by a newer catalogue of metrics">
        The run of {when} used version {before.catalogueVersion}, this one version {e.catalogueVersion}: their figures
        are not the same by definition.
      </Notice>
    );
  }
  return (
    <Notice title="The answer is another one than before">
      Facts arrived since the run of {when}: it counted {formatNumber(before.n)} calls, this one {formatNumber(e.n)}.
    </Notice>
  );
}
