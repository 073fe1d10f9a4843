import { useInfiniteQuery, usePrefetchInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useSettled } from "@/features/charts/settled";
import {
  Button,
  DataList,
  EmptyState,
  Filters,
  Page,
  rowsOf,
  Section,
  SearchField,
  SelectFilter,
  SkeletonLines,
} from "@/ui";
import { useAgencyNames } from "./agencies";
import { caseColumns } from "./columns";
import { caseSearchQuery, casesQuery, caseSummaryQuery, minQuery } from "./queries";
import { activeFilters, caseFilter } from "./search";
import { SummaryTiles } from "./SummaryTiles";
import { triggerCodes, triggerName } from "./words";

const route = getRouteApi("/qa/cases");

/** The queue of quality reviews: what waits, the most urgent first. */
export function CasesPage() {
  const search = route.useSearch();
  const [text, setText] = useState("");
  const wanted = useSettled(text.trim());
  // How many triggers there are decides where the queue begins: it is asked for at once and shown when that is known.
  const summary = useQuery(caseSummaryQuery);
  const counted = !summary.isPending || summary.failureCount > 0;
  usePrefetchInfiniteQuery(casesQuery(caseFilter(search)));
  return (
    <Page
      eyebrow="Quality"
      title="QA cases"
      lead="One case for each incident on which a governed trigger fired. The highest priority stands first, and in it what has waited longest."
      actions={
        <SearchField name="Search cases" label="Incident number" minLength={minQuery} value={text} onChange={setText} />
      }
    >
      <SummaryTiles search={search} />
      {text.trim() ? (
        <Found text={wanted} onClear={() => setText("")} />
      ) : counted ? (
        <>
          <QueueFilters />
          <Queue />
        </>
      ) : (
        <SkeletonLines lines={8} />
      )}
    </Page>
  );
}

function QueueFilters() {
  const search = route.useSearch();
  // A code in the address that the catalogue does not know is still the one that filters.
  const codes =
    search.trigger && !triggerCodes.includes(search.trigger) ? [...triggerCodes, search.trigger] : triggerCodes;
  return (
    <Filters label="Filter cases" active={activeFilters(search)}>
      <SelectFilter
        name="state"
        label="State"
        half
        all="Pending"
        value={search.state === "pending" ? undefined : search.state}
        options={[
          { value: "under_review", label: "Under review" },
          { value: "closed", label: "Closed" },
          { value: "any", label: "All states" },
        ]}
      />
      <SelectFilter
        name="priority"
        label="Priority"
        half
        all="All priorities"
        value={search.priority}
        options={[
          { value: "high", label: "High" },
          { value: "medium", label: "Medium" },
          { value: "low", label: "Low" },
        ]}
      />
      <SelectFilter
        name="trigger"
        label="Trigger"
        all="All triggers"
        value={search.trigger}
        options={codes.map((code) => ({ value: code, label: triggerName(code) }))}
      />
      <SelectFilter
        name="order"
        label="Order"
        all="Priority, oldest first"
        value={search.order === "urgent" ? undefined : search.order}
        options={[
          { value: "newest", label: "Newest first" },
          { value: "oldest", label: "Oldest first" },
        ]}
      />
    </Filters>
  );
}

function Queue() {
  const search = route.useSearch();
  const query = useInfiniteQuery(casesQuery(caseFilter(search)));
  const agencyOf = useAgencyNames();
  const filtered = activeFilters(search).length > 0;
  return (
    <Section title="Queue" flush>
      <DataList
        caption="QA cases"
        query={query}
        rows={rowsOf(query, (page) => page.cases)}
        rowKey={(c) => c.id ?? ""}
        columns={caseColumns({ agencyOf, mixed: search.state === "any" })}
        empty={
          filtered ? (
            <EmptyState title="No case matches">Take a filter away to see the others.</EmptyState>
          ) : (
            <EmptyState title="Nothing waits for review">
              A case opens by itself when a trigger fires on an imported chart.
            </EmptyState>
          )
        }
      />
    </Section>
  );
}

function Found({ text, onClear }: { text: string; onClear: () => void }) {
  const query = useInfiniteQuery(caseSearchQuery(text));
  const agencyOf = useAgencyNames();
  return (
    <Section
      title="Found by incident number"
      note="In all states and priorities, the most urgent first"
      flush
      actions={<Button onClick={onClear}>Back to the queue</Button>}
    >
      {text.length < minQuery ? (
        <EmptyState title="Type a little more">
          The search takes the first {minQuery} characters of an incident number or more.
        </EmptyState>
      ) : (
        <DataList
          caption="Cases found"
          query={query}
          rows={rowsOf(query, (page) => page.cases)}
          rowKey={(c) => c.id ?? ""}
          columns={caseColumns({ agencyOf, mixed: true })}
          empty={
            <EmptyState title="No case has this number">
              The search compares the beginning of eResponse.03. An incident on which no trigger fired has no case.
            </EmptyState>
          }
        />
      )}
    </Section>
  );
}
