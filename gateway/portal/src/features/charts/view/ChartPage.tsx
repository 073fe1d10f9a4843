import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ArrowLeft, Route } from "lucide-react";
import { formatTime, Time, useZone, zoneName } from "@/time";
import { ButtonLink, Card, KeyValue, Loaded, Page, Section, StatusBadge } from "@/ui";
import { chartQuery, type Chart, type ChartFacts } from "../queries";
import { CallFacts, CrewAndSignatures } from "./CallFacts";
import { DocumentView } from "./DocumentView";
import { Interventions } from "./Interventions";
import { IntervalTable } from "./IntervalTable";
import { TimelineBand } from "./TimelineBand";
import { callTimes, stopsOf } from "./timeline";
import { TimesTable } from "./TimesTable";
import { Vitals } from "./Vitals";

export function ChartPage() {
  const { chartId } = useParams({ from: "/charts/$chartId" });
  const query = useQuery(chartQuery(chartId));
  const chart = query.data;
  return (
    <Page
      eyebrow="Patient-care report"
      title={chart?.pcrNumber || "Chart"}
      actions={
        <>
          <ButtonLink to="/charts" look="quiet" icon={<ArrowLeft aria-hidden="true" className="size-4" />}>
            All charts
          </ButtonLink>
          <ButtonLink
            to="/charts/$chartId/journey"
            params={{ chartId }}
            icon={<Route aria-hidden="true" className="size-4" />}
          >
            Journey
          </ButtonLink>
        </>
      }
    >
      <Loaded query={query} lines={12}>
        {(loaded) => <ChartBody chart={loaded} />}
      </Loaded>
    </Page>
  );
}

function ChartBody({ chart }: { chart: Chart }) {
  const { facts } = chart;
  const zone = useZone();
  return (
    <>
      <Card>
        <KeyValue
          columns={3}
          items={[
            ["Incident", chart.incidentNumber || "None given"],
            ["Unit", chart.unitCallSign || "None given"],
            ["Unit notified", <Time key="notified" value={chart.unitNotifiedTime} />],
            ["Outcome", <Outcome key="outcome" chart={chart} />],
            ["Version", `${chart.version ?? 1}, NEMSIS ${chart.nemsisVersion ?? ""}`],
            ["Imported", <Time key="imported" value={chart.importTime} />],
          ]}
        />
      </Card>
      <Section title="Timeline" note={noteOf(facts?.times, zone)} flush>
        <div className="p-4">
          <TimelineBand times={facts?.times} />
        </div>
        <details className="border-t border-line">
          <summary className="min-h-10 px-4 py-2.5 text-sm text-muted hover:text-text">
            All times, recorded or not
          </summary>
          <TimesTable times={facts?.times} />
        </details>
      </Section>
      <IntervalTable chart={chart} />
      <Vitals facts={facts} />
      <Interventions facts={facts} />
      <CallFacts facts={facts} />
      <CrewAndSignatures facts={facts} />
      <DocumentView key={chart.id} chart={chart} />
    </>
  );
}

/** Day and zone of the first time; later ones that differ say so themselves. */
function noteOf(times: ChartFacts["times"], zone: string | undefined): string {
  const first = stopsOf(callTimes(times))[0];
  if (!first) return "Recorded times, in the order in which they came.";
  const at = new Date(first.at);
  return `Recorded times, in the order in which they came, from ${formatTime(at, zone, "date")}, in ${zoneName(zone, at)}.`;
}

/** What became of the call, in a word. */
function Outcome({ chart: { facts } }: { chart: Chart }) {
  if (facts?.intervals?.cancelledBeforeArrival) return <StatusBadge>Canceled before arrival</StatusBadge>;
  if (facts?.disposition?.refused) return <StatusBadge tone="warning">Refused</StatusBadge>;
  if (facts?.disposition?.transported) return <StatusBadge tone="success">Transported</StatusBadge>;
  return <StatusBadge>Not transported</StatusBadge>;
}
