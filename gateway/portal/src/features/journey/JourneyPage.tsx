import { useParams } from "@tanstack/react-router";
import { FileHeart } from "lucide-react";
import { useEffect } from "react";
import { useCan } from "@/permissions";
import { announce, ButtonLink, Page } from "@/ui";
import { AuditStep } from "./AuditStep";
import { CaseStep, ClaimStep, FactStep, ImportStep, useChart } from "./steps";

/** What the fleet made of one chart, in the order in which it happens. Each step is shown to those who may call its service. */
export function JourneyPage() {
  const { chartId } = useParams({ from: "/charts/$chartId/journey" });
  const query = useChart(chartId);
  const mayOpen = useCan("ChartService_GetChart");
  const { data: chart } = query;
  useEffect(() => {
    if (chart) announce("The chart is read. Steps appear as the fleet finishes them.");
  }, [chart]);
  return (
    <Page
      eyebrow="Journey"
      title={chart?.pcrNumber || "Journey of a chart"}
      lead="What the fleet made of this chart: import, quality review, claim, reports, and the evidence of all of it."
      actions={
        mayOpen ? (
          <ButtonLink
            to="/charts/$chartId"
            params={{ chartId }}
            icon={<FileHeart aria-hidden="true" className="size-4" />}
          >
            Open chart
          </ButtonLink>
        ) : null
      }
    >
      <ol aria-label="Steps" className="max-w-5xl">
        <ImportStep chartId={chartId} query={query} />
        <CaseStep chartId={chartId} chart={chart} />
        <ClaimStep chartId={chartId} chart={chart} />
        <FactStep chartId={chartId} chart={chart} />
        <AuditStep chartId={chartId} />
      </ol>
    </Page>
  );
}
