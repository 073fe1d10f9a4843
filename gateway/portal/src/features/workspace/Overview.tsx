import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import type { FieldValues } from "react-hook-form";
import { Can, useCan } from "@/permissions";
import {
  ButtonLink,
  DataList,
  DateRangeFilter,
  EmptyState,
  Filters,
  rowsOf,
  Section,
  SelectFilter,
  StatTile,
  StatTiles,
} from "@/ui";
import { capital, ExportButton, Frame, keepAgency, pathIn } from "./Frame";
import type { Head, Listing, Workspace } from "./model";
import { allQuery, listQuery } from "./queries";
import type { OverviewSearch } from "./search";
import { statusWords, type Status } from "./words";

/** Figures and list of all records of a workspace. */
export function Overview<R extends Head, V extends FieldValues>({
  ws,
  search,
}: {
  ws: Workspace<R, V>;
  search: OverviewSearch;
}) {
  return (
    <Frame
      ws={ws}
      title={ws.title}
      lead={ws.lead}
      actions={
        <>
          <ExportButton ws={ws} />
          <Can do={ws.can.create}>
            <ButtonLink
              look="primary"
              icon={<Plus aria-hidden="true" className="size-4" />}
              to={pathIn(ws, "/records/new")}
              search={keepAgency}
            >
              New {ws.one}
            </ButtonLink>
          </Can>
        </>
      }
    >
      <Tiles ws={ws} />
      <Records ws={ws} search={search} />
    </Frame>
  );
}

function Tiles<R extends Head, V extends FieldValues>({ ws }: { ws: Workspace<R, V> }) {
  const all = useQuery(allQuery(ws));
  const count = (...wanted: Status[]) =>
    all.data
      ? all.data.filter((r) => wanted.length === 0 || wanted.includes(ws.status(r))).length
      : all.isPending
        ? undefined
        : null;
  const link = (status?: Status) =>
    ({
      to: pathIn(ws),
      search: ((old: { agency?: string }) => ({
        ...(old.agency ? { agency: old.agency } : {}),
        ...(status ? { status } : {}),
      })) as never,
    }) as const;
  return (
    <StatTiles label="Figures">
      <StatTile label={`${capital(ws.many)} in force`} value={count()} note="All that are not retired" link={link()} />
      <StatTile label="Active" value={count("active")} tone="success" note="Nothing due soon" link={link("active")} />
      <StatTile
        label="Expiring"
        value={count("expiring")}
        tone="warning"
        note="The date comes near"
        link={link("expiring")}
      />
      <StatTile
        label="Expired"
        value={count("expired")}
        tone="danger"
        note="The date has passed"
        link={link("expired")}
      />
    </StatTiles>
  );
}

function Records<R extends Head, V extends FieldValues>({
  ws,
  search,
}: {
  ws: Workspace<R, V>;
  search: OverviewSearch;
}) {
  const order = ws.orders.find((o) => o.value === search.order)?.value ?? "";
  const filter: Listing = {
    ...(search.status ? { status: [search.status] } : {}),
    ...(search.dueFrom ? { dueFrom: search.dueFrom } : {}),
    ...(search.dueTo ? { dueTo: search.dueTo } : {}),
    ...(order ? { orderBy: order } : {}),
  };
  const list = useInfiniteQuery(listQuery(ws, filter));
  const active = (["status", "dueFrom", "dueTo"] as const).filter((name) => search[name]);
  return (
    <>
      <Filters label={`Filter ${ws.many}`} active={active}>
        <SelectFilter
          name="status"
          label="Status"
          value={search.status}
          all="All in force"
          options={ws.statuses.map((s) => ({ value: s, label: statusWords[s].label }))}
        />
        <DateRangeFilter
          from={search.dueFrom}
          to={search.dueTo}
          fromName="dueFrom"
          toName="dueTo"
          label={ws.dueLabel}
          fromLabel="Due from"
          toLabel="Due to"
        />
        <SelectFilter name="order" label="Order" value={search.order} options={ws.orders} />
      </Filters>
      <Section
        title={capital(ws.many)}
        note={search.status === "retired" ? "No longer kept up" : active.length > 0 ? "Filtered" : "In force"}
        flush
      >
        <DataList
          query={list}
          caption={ws.title}
          columns={ws.columns}
          rows={rowsOf(list, (page) => page.rows)}
          rowKey={(r) => r.id ?? ""}
          empty={<Empty ws={ws} filtered={active.length > 0} />}
        />
      </Section>
    </>
  );
}

function Empty<R extends Head, V extends FieldValues>({ ws, filtered }: { ws: Workspace<R, V>; filtered: boolean }) {
  const mayCreate = useCan(ws.can.create);
  if (filtered)
    return <EmptyState title={`No ${ws.one} matches the filters`}>Clear them to see all that are in force.</EmptyState>;
  return (
    <EmptyState
      title={`No ${ws.many} yet`}
      action={
        mayCreate ? (
          <ButtonLink look="primary" to={pathIn(ws, "/records/new")} search={keepAgency}>
            Enter the first {ws.one}
          </ButtonLink>
        ) : null
      }
    >
      {mayCreate
        ? "Enter references and dates; alerts before each date follow by themselves."
        : "Your compliance officer enters them. Nothing needs to be done here."}
    </EmptyState>
  );
}
