import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useAgencyChoice } from "@/api";
import { healthQuery } from "@/shell/HealthIndicator";
import { agencyPicker, useGoToAgency } from "@/shell/AgencySwitcher";
import { formatNumber, Time } from "@/time";
import { Button, DataList, EmptyState, Notice, Page, Section, StatTile, StatTiles, rowsOf, type Column } from "@/ui";
import { AlertsCell, CasesCell, ChartsCell, ClaimsCell, ModulesCell, type Agency } from "./agencyCells";
import { agenciesQuery, checkpointQuery } from "./queries";
import { CaseTiles, ChartTile, ClaimTiles } from "./tiles";

/** The platform as a whole. What belongs to agencies is read after a reason is given, and then shown for all and for each. */
export function FounderHomePage() {
  const { reason, agencyId } = useAgencyChoice();
  const crossing = reason !== null;
  return (
    <Page eyebrow="Overview" title="Platform" lead="All agencies of this installation.">
      <StatTiles label="At a glance">
        <PlatformTiles />
        {crossing ? (
          <>
            <ChartTile />
            <CaseTiles />
            <ClaimTiles />
          </>
        ) : null}
      </StatTiles>
      {crossing || agencyId ? null : (
        <Notice title="Counts of charts, cases and claims need a reason">
          <p>
            They cross the line between agencies. Give a reason once; it is written into the audit log with each reading
            and forgotten when this page is reloaded.
          </p>
          <Button className="mt-3" onClick={() => agencyPicker.set("reason")}>
            Read across all agencies
          </Button>
        </Notice>
      )}
      <Agencies crossing={crossing} />
    </Page>
  );
}

function PlatformTiles() {
  const agencies = useInfiniteQuery(agenciesQuery);
  const health = useQuery(healthQuery);
  const checkpoint = useQuery(checkpointQuery);
  const rows = rowsOf(agencies, (page) => page.agencies);
  const conditions = health.data?.conditions ?? [];
  const away = conditions.filter((c) => !c.ready).length;
  return (
    <>
      <StatTile
        label="Agencies"
        value={
          rows ? `${formatNumber(rows.length)}${agencies.hasNextPage ? "+" : ""}` : agencies.error ? null : undefined
        }
        note="registered"
      />
      <StatTile
        label="System"
        tone={health.data ? (health.data.ready ? "success" : "danger") : "neutral"}
        value={health.data ? (health.data.ready ? "Working" : `${away} away`) : health.error ? null : undefined}
        note={
          health.data
            ? `${conditions.length - away} of ${conditions.length} parts answer`
            : health.error
              ? "the check did not answer"
              : undefined
        }
      />
      <StatTile
        label="Audit log entries"
        value={checkpoint.data ? formatNumber(checkpoint.data.treeSize) : checkpoint.error ? null : undefined}
        note={checkpoint.data ? "in the signed checkpoint" : undefined}
        link={{ to: "/audit" } as never}
      />
    </>
  );
}

const name: Column<Agency> = {
  id: "name",
  header: "Agency",
  rowHeader: true,
  cell: (agency) => <AgencyName agency={agency} />,
};

const modules: Column<Agency> = {
  id: "modules",
  header: "Modules on",
  align: "end",
  cell: (agency) => <ModulesCell agency={agency} />,
};

const facts: readonly Column<Agency>[] = [
  { id: "state", header: "State id", cell: (agency) => agency.stateUniqueId },
  { id: "zone", header: "Time zone", cell: (agency) => agency.timeZone },
  { id: "since", header: "Registered", minor: true, cell: (agency) => <Time value={agency.createTime} style="date" /> },
];

/** Read with the reason of the founder, one agency at a time. */
const figures: readonly Column<Agency>[] = [
  { id: "charts", header: "Charts, 30 days", align: "end", cell: (agency) => <ChartsCell agency={agency} /> },
  { id: "cases", header: "Cases pending", align: "end", cell: (agency) => <CasesCell agency={agency} /> },
  { id: "claims", header: "Claims incomplete", align: "end", cell: (agency) => <ClaimsCell agency={agency} /> },
  { id: "alerts", header: "Alerts open", align: "end", cell: (agency) => <AlertsCell agency={agency} /> },
];

function Agencies({ crossing }: { crossing: boolean }) {
  const query = useInfiniteQuery(agenciesQuery);
  return (
    <Section title="Agencies" note="Choose one to work for it" flush>
      <DataList
        caption="Agencies"
        query={query}
        rows={rowsOf(query, (page) => page.agencies)}
        rowKey={(agency) => agency.id ?? ""}
        skeletonRows={3}
        empty={
          <EmptyState title="No agency is registered yet">
            An agency is registered over the API: POST /api/agencies.
          </EmptyState>
        }
        columns={[name, ...(crossing ? figures : facts), modules]}
      />
    </Section>
  );
}

function AgencyName({ agency }: { agency: Agency }) {
  const go = useGoToAgency();
  return (
    <button
      type="button"
      className="min-h-6 text-start font-medium sm:whitespace-nowrap text-accent-text underline-offset-4 hover:underline"
      onClick={() => go(agency.id, "/home")}
    >
      {agency.displayName}
    </button>
  );
}
