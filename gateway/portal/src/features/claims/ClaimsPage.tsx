import { useInfiniteQuery, usePrefetchInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useAgencyNames } from "@/features/qa/agencies";
import { DataList, EmptyState, Filters, Page, rowsOf, Section, SelectFilter, SkeletonLines } from "@/ui";
import { missingOptions } from "./needs";
import { claimColumns } from "./columns";
import { claimsQuery, claimSummaryQuery } from "./queries";
import { activeFilters, claimFilter, type ClaimSearch } from "./search";
import { SummaryTiles } from "./SummaryTiles";
import { missingName } from "./words";

const route = getRouteApi("/billing/claims");

/** The worklist of the biller: what is incomplete, the oldest date of service first. */
export function ClaimsPage() {
  const search = route.useSearch();
  // How much is missing decides where the list begins: it is asked for at once and shown when that is known.
  const summary = useQuery(claimSummaryQuery);
  const counted = !summary.isPending || summary.failureCount > 0;
  usePrefetchInfiniteQuery(claimsQuery(claimFilter(search)));
  return (
    <Page
      eyebrow="Revenue"
      title="Claims"
      lead="One draft for each chart, with the level of service that the rules suggest, or the reason why there is nothing to bill."
    >
      <SummaryTiles search={search} />
      {counted ? (
        <>
          <WorklistFilters search={search} />
          <Worklist search={search} />
        </>
      ) : (
        <SkeletonLines lines={8} />
      )}
    </Page>
  );
}

function WorklistFilters({ search }: { search: ClaimSearch }) {
  const incomplete = search.state === undefined || search.state === "draft" || search.state === "any";
  return (
    <Filters label="Filter claims" active={activeFilters(search)}>
      <SelectFilter
        name="state"
        label="State"
        all="Incomplete"
        value={search.state === "draft" ? undefined : search.state}
        options={[
          { value: "ready", label: "Ready" },
          { value: "no_bill", label: "No bill" },
          { value: "any", label: "All states" },
        ]}
      />
      {incomplete ? (
        <SelectFilter
          name="missing"
          label="Missing"
          all="Anything"
          value={search.missing}
          options={missingOptions(search.missing)}
        />
      ) : null}
      <SelectFilter
        name="order"
        label="Order"
        all="Oldest date of service first"
        value={search.order === "service" ? undefined : search.order}
        options={[
          { value: "newest", label: "Newest draft first" },
          { value: "oldest", label: "Oldest draft first" },
        ]}
      />
    </Filters>
  );
}

const titles: Readonly<Record<NonNullable<ClaimSearch["state"]>, string>> = {
  draft: "Incomplete claims",
  ready: "Ready claims",
  no_bill: "No bills",
  any: "All claims",
};

function Worklist({ search }: { search: ClaimSearch }) {
  const state = search.state ?? "draft";
  const query = useInfiniteQuery(claimsQuery(claimFilter(search)));
  const agencyOf = useAgencyNames();
  return (
    <Section
      title={titles[state]}
      {...(search.missing && state === "draft" ? { note: `Missing: ${missingName(search.missing)}` } : {})}
      flush
    >
      <DataList
        caption={titles[state]}
        query={query}
        rows={rowsOf(query, (page) => page.claims)}
        rowKey={(c) => c.id ?? ""}
        columns={claimColumns(agencyOf, state)}
        empty={<Empty search={search} />}
      />
    </Section>
  );
}

function Empty({ search }: { search: ClaimSearch }) {
  if (search.missing)
    return <EmptyState title="No claim misses this">Take the filter away to see the others.</EmptyState>;
  switch (search.state) {
    case "ready":
      return (
        <EmptyState title="No claim is ready">
          A claim is ready when nothing is missing any more. Look at the incomplete ones.
        </EmptyState>
      );
    case "no_bill":
      return (
        <EmptyState title="Everything was billable">
          A chart on which nothing is billed would be here with its reason.
        </EmptyState>
      );
    case "any":
      return <EmptyState title="No claim yet">A draft is made by itself from each imported chart.</EmptyState>;
    default:
      return (
        <EmptyState title="No claim is incomplete">
          Nothing waits for you here. New drafts come with imported charts.
        </EmptyState>
      );
  }
}
