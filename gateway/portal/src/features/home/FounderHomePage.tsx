import { useInfiniteQuery } from "@tanstack/react-query";
import { DataList, Page, Section, rowsOf } from "@/ui";
import { agenciesQuery } from "./queries";

export function FounderHomePage() {
  const query = useInfiniteQuery(agenciesQuery);
  return (
    <Page eyebrow="Overview" title="Platform">
      <Section title="Agencies" flush>
        <DataList
          caption="Agencies"
          query={query}
          rows={rowsOf(query, (page) => page.agencies)}
          rowKey={(agency) => agency.id ?? ""}
          empty="No agency is registered yet"
          columns={[
            { id: "name", header: "Agency", rowHeader: true, cell: (agency) => agency.displayName },
            { id: "state", header: "State id", cell: (agency) => agency.stateUniqueId },
            { id: "zone", header: "Time zone", cell: (agency) => agency.timeZone },
          ]}
        />
      </Section>
    </Page>
  );
}
