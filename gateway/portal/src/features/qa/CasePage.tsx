import { useQueries, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { ApiProblem } from "@/api";
import { chartQuery } from "@/features/charts/queries";
import { useCan } from "@/permissions";
import { ButtonLink, Columns, ErrorState, KeyValue, Notice, Page, Section, SkeletonLines, Tabs } from "@/ui";
import { useAgencyNames } from "./agencies";
import { ClassMark, PriorityBadge, StateBadge } from "./badges";
import { CaseHistory } from "./CaseHistory";
import { ChartExcerpt } from "./ChartExcerpt";
import { PolicyVersion } from "./links";
import { caseHistoryQuery, caseQuery } from "./queries";
import { Since } from "./Since";
import { TriggerList } from "./TriggerList";
import { priorityReasons, type Case } from "./words";

const route = getRouteApi("/qa/cases/$caseId");

/** One quality review: why it exists, what was measured, and what became of it. */
export function CasePage() {
  const { caseId } = route.useParams();
  const query = useQuery(caseQuery(caseId));
  const found = query.data;
  return (
    <Page
      eyebrow="QA case"
      title={found ? (found.incidentNumber ? `Incident ${found.incidentNumber}` : "Incident without a number") : "Case"}
      actions={
        <ButtonLink to="/qa/cases" icon={<ArrowLeft aria-hidden="true" className="size-4" />}>
          Queue
        </ButtonLink>
      }
    >
      {found ? (
        <Whole of={found} />
      ) : query.isPending ? (
        <SkeletonLines lines={10} />
      ) : (
        <Missing id={caseId} error={query.error} retry={() => void query.refetch()} />
      )}
    </Page>
  );
}

function Whole({ of }: { of: Case }) {
  const id = of.id ?? "";
  const chartName = useChartNames(of);
  const mayRead = useCan("ChartService_GetChart");
  return (
    <>
      <Facts of={of} />
      <Section title="Triggers" note="What fired on the newest versions of the charts, the strictest first" flush>
        <TriggerList triggers={of.triggers} chartName={chartName} />
      </Section>
      <Columns wide>
        {mayRead ? <Charts of={of} chartName={chartName} /> : null}
        <Section title="History" note="Oldest first">
          <CaseHistory id={id} chartName={chartName} />
        </Section>
      </Columns>
    </>
  );
}

function Facts({ of }: { of: Case }) {
  const agencyOf = useAgencyNames();
  return (
    <Section title="Case">
      <KeyValue
        columns={3}
        items={[
          ["Priority", <Priority key="p" of={of} />],
          ["Class", <ClassMark key="c" of={of} />],
          ["State", <StateBadge key="s" state={of.state} />],
          ["Opened", <Since key="o" at={of.createTime} />],
          ["Last change", <Since key="u" at={of.updateTime} />],
          ["Judged under", <PolicyVersion key="v" of={of.policyVersion} />],
          agencyOf ? ["Agency", agencyOf(of.agencyId ?? "")] : null,
        ]}
      />
    </Section>
  );
}

function Priority({ of }: { of: Case }) {
  return (
    <span className="flex flex-col items-start gap-1">
      <PriorityBadge priority={of.priority} />
      {of.priority ? <span className="text-xs text-faint">{priorityReasons[of.priority]}</span> : null}
    </span>
  );
}

/** An incident has a chart of each unit: one of them at a time. */
function Charts({ of, chartName }: { of: Case; chartName: (id: string) => string }) {
  const ids = of.chartIds ?? [];
  const [chosen, setChosen] = useState(of.chartId ?? ids[0] ?? "");
  const [only] = ids;
  return (
    <Section title={ids.length > 1 ? "Charts" : "Chart"} note="An excerpt of what the crew documented">
      {ids.length > 1 ? (
        <Tabs
          label="Charts of the case"
          value={chosen}
          onChange={setChosen}
          tabs={ids.map((id) => ({ id, label: chartName(id), content: <ChartExcerpt id={id} /> }))}
        />
      ) : only ? (
        <ChartExcerpt id={only} />
      ) : (
        <p className="text-muted">No chart is on the case at present.</p>
      )}
    </Section>
  );
}

/** A chart by its unit's call sign where the caller may read it, by its place on the case otherwise. */
function useChartNames(of: Case): (id: string) => string {
  const ids = of.chartIds ?? [];
  const may = useCan("ChartService_GetChart");
  const charts = useQueries({ queries: ids.map((id) => ({ ...chartQuery(id), enabled: may })) });
  return (id) => {
    const place = ids.indexOf(id);
    if (place < 0) return "A chart that left";
    const unit = charts[place]?.data?.unitCallSign;
    return unit || `Chart ${place + 1}`;
  };
}

/** A withdrawn case is not found, but its history still says what became of it. */
function Missing({ id, error, retry }: { id: string; error: unknown; retry: () => void }) {
  const gone = error instanceof ApiProblem && error.reason === "CASE_NOT_FOUND";
  const history = useQuery({ ...caseHistoryQuery(id), enabled: gone });
  if (gone && history.isLoading) return <SkeletonLines lines={6} />;
  if (!gone || !history.data) return <ErrorState error={error} retry={retry} />;
  return (
    <>
      <Notice title="This case was withdrawn">
        Newer versions of its charts fire no trigger, and nobody had begun the review. It returns by itself if something
        fires again.
      </Notice>
      <Section title="History" note="Oldest first">
        <CaseHistory id={id} chartName={() => "Chart"} />
      </Section>
    </>
  );
}
