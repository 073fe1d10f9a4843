import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAgencyChoice } from "@/api";
import { agenciesQuery } from "@/features/home/queries";
import { useCan, useMe } from "@/permissions";
import { Time } from "@/time";
import {
  Button,
  DataList,
  DataTable,
  EmptyState,
  linkClass,
  Page,
  Section,
  StatusBadge,
  rowsOf,
  type Column,
} from "@/ui";
import { modulesQuery, neededBy, type Module } from "./queries";
import { SwitchDialog } from "./SwitchDialog";
import { moduleTitle, moduleWhat, titles } from "./words";

export function ModulesPage() {
  const me = useMe();
  const { agencyId } = useAgencyChoice();
  const id = me.agency?.id ?? agencyId;
  return (
    <Page
      eyebrow="Governance"
      title="Modules"
      lead="Which parts of the platform an agency works with. A module that is off is gone from the navigation and refused everywhere; its data stays."
    >
      {id ? <AgencyModules agencyId={id} name={me.agency?.displayName ?? `Agency ${id}`} /> : <Agencies />}
    </Page>
  );
}

/** For a founder who has chosen none. */
function Agencies() {
  const query = useInfiniteQuery(agenciesQuery);
  return (
    <Section title="Choose an agency" flush>
      <DataList
        caption="Agencies"
        query={query}
        rows={rowsOf(query, (page) => page.agencies)}
        rowKey={(agency) => agency.id ?? ""}
        empty={<EmptyState title="No agency is registered yet" />}
        columns={[
          {
            id: "name",
            header: "Agency",
            rowHeader: true,
            cell: (agency) => (
              <Link to={"."} search={((old: object) => ({ ...old, agency: agency.id })) as never} className={linkClass}>
                {agency.displayName}
              </Link>
            ),
          },
          { id: "number", header: "State id", cell: (agency) => agency.stateUniqueId },
          { id: "zone", header: "Time zone", cell: (agency) => agency.timeZone },
        ]}
      />
    </Section>
  );
}

function AgencyModules({ agencyId, name }: { agencyId: string; name: string }) {
  const query = useQuery(modulesQuery(agencyId));
  const may = useCan("ModuleService_UpdateModule");
  const [moving, setMoving] = useState<string | null>(null);
  const modules = query.data?.modules ?? [];
  return (
    <>
      <Section title={name} note={may ? undefined : "The platform team switches modules on and off."} flush>
        <DataTable
          caption={`Modules of ${name}`}
          rows={query.data ? modules : undefined}
          rowKey={(m) => m.module ?? ""}
          error={query.error}
          retry={() => void query.refetch()}
          empty="There are no modules"
          skeletonRows={5}
          columns={columns(modules, may, setMoving)}
        />
      </Section>
      {moving ? (
        <SwitchDialog
          agencyId={agencyId}
          agency={name}
          modules={modules}
          module={moving}
          onClose={() => setMoving(null)}
        />
      ) : null}
    </>
  );
}

function columns(modules: readonly Module[], may: boolean, move: (module: string) => void): Column<Module>[] {
  return [
    {
      id: "module",
      header: "Module",
      rowHeader: true,
      cell: (m) => (
        <span className="block">
          {moduleTitle(m.module ?? "")}
          <span className="block text-xs font-normal text-faint">{moduleWhat(m.module ?? "")}</span>
        </span>
      ),
    },
    {
      id: "state",
      header: "State",
      cell: (m) => <StatusBadge tone={m.enabled ? "success" : "neutral"}>{m.enabled ? "On" : "Off"}</StatusBadge>,
    },
    { id: "dependencies", header: "Dependencies", cell: (m) => <Dependencies module={m} modules={modules} /> },
    {
      id: "since",
      header: "Last switched",
      minor: true,
      cell: (m) => (m.updateTime ? <Time value={m.updateTime} /> : <span className="text-faint">Never</span>),
    },
    {
      id: "reason",
      header: "Reason",
      minor: true,
      cell: (m) => (m.reason ? <span className="break-words">{m.reason}</span> : <span className="text-faint">—</span>),
    },
    ...(may
      ? [
          {
            id: "switch",
            header: "Action",
            align: "end" as const,
            cell: (m: Module) => (
              <Button
                aria-label={`${m.enabled ? "Switch off…" : "Switch on…"} ${moduleTitle(m.module ?? "")}`}
                onClick={() => move(m.module ?? "")}
              >
                {m.enabled ? "Switch off…" : "Switch on…"}
              </Button>
            ),
          },
        ]
      : []),
  ];
}

function Dependencies({ module, modules }: { module: Module; modules: readonly Module[] }) {
  const needs = module.requires ?? [];
  const needed = neededBy(modules, module.module ?? "");
  if (needs.length + needed.length === 0) return <span className="text-faint">None</span>;
  return (
    <span className="block text-muted">
      {needs.length > 0 ? <span className="block">Needs {titles(needs)}</span> : null}
      {needed.length > 0 ? <span className="block">Needed by {titles(needed)}</span> : null}
    </span>
  );
}
