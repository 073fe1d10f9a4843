import type { ReactElement } from "react";
import { useMe, useCan, useMayCross } from "@/permissions";
import { agencyPicker } from "@/shell/AgencySwitcher";
import { roleTitle } from "@/shell/UserMenu";
import { zoneName } from "@/time";
import { Button, EmptyState, Page, Section, StatTiles } from "@/ui";
import { AlertTile, CaseTiles, ChartTile, ClaimTiles } from "./tiles";
import { CasesByTrigger, ChartActivity, ClaimsByMissing } from "./sections";

/** What waits for the caller in the agency, as far as the roles let them see it. */
export function AgencyHomePage() {
  const me = useMe();
  const mayChoose = useMayCross();
  const may = {
    charts: useCan("ChartService_GetChartSummary"),
    cases: useCan("CaseService_GetCaseSummary"),
    claims: useCan("ClaimService_GetClaimSummary"),
    dea: useCan("DeaService_ListDeaAlerts"),
    cms: useCan("CmsService_ListCmsAlerts"),
  };
  if (!me.agency && mayChoose) return <ChooseFirst />;
  const nothing = !Object.values(may).some(Boolean);
  return (
    <Page
      eyebrow={me.agency?.displayName ?? "Overview"}
      title="Home"
      lead={`${(me.roles ?? []).map(roleTitle).join(", ")} · times in ${zoneName(me.agency?.timeZone)}`}
    >
      {nothing ? <NothingToCount /> : null}
      {nothing ? null : (
        <StatTiles label="At a glance">
          {may.cases ? <CaseTiles /> : null}
          {may.claims ? <ClaimTiles /> : null}
          {may.charts ? <ChartTile /> : null}
          {may.dea ? <AlertTile workspace="dea" /> : null}
          {may.cms ? <AlertTile workspace="cms" /> : null}
        </StatTiles>
      )}
      <Cards
        list={[
          may.charts ? <ChartActivity key="charts" /> : null,
          may.cases ? <CasesByTrigger key="cases" /> : null,
          may.claims ? <ClaimsByMissing key="claims" /> : null,
        ]}
      />
    </Page>
  );
}

/** In two columns that fill by themselves; a card that is alone has the whole width. */
function Cards({ list }: { list: readonly (ReactElement | null)[] }) {
  const cards = list.filter((card) => card !== null);
  if (cards.length < 2) return <>{cards}</>;
  return (
    <div className="grid items-start gap-6 xl:grid-cols-2">
      <div className="grid gap-6">{cards.filter((_, i) => i % 2 === 0)}</div>
      <div className="grid gap-6">{cards.filter((_, i) => i % 2 === 1)}</div>
    </div>
  );
}

function ChooseFirst() {
  return (
    <Page eyebrow="Overview" title="Home">
      <Section title="No agency is chosen">
        <EmptyState
          title="The home page belongs to one agency"
          action={
            <Button look="primary" onClick={() => agencyPicker.set("agency")}>
              Choose an agency
            </Button>
          }
        >
          Choose the agency that you want to work for. The platform page counts across all of them.
        </EmptyState>
      </Section>
    </Page>
  );
}

function NothingToCount() {
  return (
    <Section title="Your work">
      <EmptyState title="There are no counts for your role">
        What you may open is in the navigation. If something is missing that you need for your work, ask your agency
        administrator.
      </EmptyState>
    </Section>
  );
}
