import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { useCan, useMe } from "@/permissions";
import { Time } from "@/time";
import {
  Button,
  DataList,
  DataTable,
  EmptyState,
  ErrorState,
  Filters,
  Page,
  Section,
  SelectFilter,
  rowsOf,
  type Column,
} from "@/ui";
import { CrewDialog } from "./CrewDialog";
import { directoryQuery, peopleQuery, personnelQuery, type Person, type Personnel } from "./queries";
import { peopleRoles, roleTitle } from "./roles";

const route = getRouteApi("/people");

interface Editing {
  readonly subject: string;
  readonly login?: string | undefined;
  readonly crewIds: readonly string[];
}

export function PeoplePage() {
  const { role } = route.useSearch();
  const query = useInfiniteQuery(peopleQuery(role));
  const seesCrew = useCan("PersonnelService_ListPersonnel");
  const binds = useCan("PersonnelService_UpdatePersonnel");
  const personnel = useQuery({ ...personnelQuery, enabled: seesCrew });
  const [editing, setEditing] = useState<Editing | null>(null);
  const crewOf = (subject: string) => personnel.data?.find((p) => p.subject === subject)?.crewIds ?? [];
  return (
    <Page
      eyebrow="Governance"
      title="People"
      lead="Who has signed in to the agency, with the roles of their last sign-in. Logins and roles belong to the identity provider."
      actions={
        binds ? (
          <Button
            icon={<UserPlus aria-hidden="true" className="size-4" />}
            onClick={() => setEditing({ subject: "", crewIds: [] })}
          >
            Bind crew ids by subject
          </Button>
        ) : undefined
      }
    >
      <Filters label="Filter people" active={role ? ["role"] : []}>
        <SelectFilter name="role" label="Role" all="All roles" value={role} options={peopleRoles} />
      </Filters>
      {personnel.error ? <ErrorState error={personnel.error} retry={() => void personnel.refetch()} /> : null}
      <Section title="Directory" flush>
        <DataList
          caption="People of the agency by login"
          query={query}
          rows={rowsOf(query, (page) => page.people)}
          rowKey={(person) => person.subject ?? ""}
          columns={columns({ seesCrew, binds, crewOf, edit: setEditing })}
          empty={
            <EmptyState title={role ? "Nobody had this role at the last sign-in" : "Nobody has signed in yet"}>
              A person appears here with the first sign-in.
            </EmptyState>
          }
        />
      </Section>
      {seesCrew && personnel.data ? <Others personnel={personnel.data} binds={binds} edit={setEditing} /> : null}
      {editing ? (
        <CrewDialog
          subject={editing.subject}
          login={editing.login}
          crewIds={editing.crewIds}
          onClose={() => setEditing(null)}
        />
      ) : null}
    </Page>
  );
}

function columns({
  seesCrew,
  binds,
  crewOf,
  edit,
}: {
  seesCrew: boolean;
  binds: boolean;
  crewOf: (subject: string) => readonly string[];
  edit: (editing: Editing) => void;
}): Column<Person>[] {
  return [
    { id: "login", header: "Login", rowHeader: true, cell: (p) => <Login person={p} /> },
    { id: "roles", header: "Roles", cell: (p) => (p.roles ?? []).map(roleTitle).join(", ") },
    { id: "last", header: "Last seen, to the hour", cell: (p) => <Time value={p.lastSeenTime} /> },
    { id: "first", header: "First seen", minor: true, cell: (p) => <Time value={p.firstSeenTime} style="date" /> },
    ...(seesCrew
      ? [{ id: "crew", header: "Crew ids (eCrew.01)", cell: (p: Person) => <CrewIds ids={crewOf(p.subject ?? "")} /> }]
      : []),
    ...(binds
      ? [
          {
            id: "edit",
            header: "Action",
            align: "end" as const,
            cell: (p: Person) => (
              <Button
                aria-label={`Edit crew ids of ${p.login ?? ""}`}
                onClick={() => edit({ subject: p.subject ?? "", login: p.login, crewIds: crewOf(p.subject ?? "") })}
              >
                Edit crew ids
              </Button>
            ),
          },
        ]
      : []),
  ];
}

function Login({ person }: { person: Person }) {
  const me = useMe();
  return (
    <span className="block">
      {person.login}
      {person.subject === me.subject ? <span className="font-normal text-faint"> (you)</span> : null}
      <span className="block font-mono text-[0.625rem] font-normal break-all text-faint lg:whitespace-nowrap">
        {person.subject}
      </span>
    </span>
  );
}

function CrewIds({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <span className="text-faint">None</span>;
  return <span className="font-mono text-xs break-words">{ids.join(", ")}</span>;
}

/** Bindings of people who have never signed in. */
function Others({
  personnel,
  binds,
  edit,
}: {
  personnel: readonly Personnel[];
  binds: boolean;
  edit: (editing: Editing) => void;
}) {
  const { data: people } = useQuery(directoryQuery);
  if (!people) return null;
  const rows = personnel.filter(
    (p) => (p.crewIds ?? []).length > 0 && !people.some((one) => one.subject === p.subject),
  );
  if (rows.length === 0) return null;
  return (
    <Section title="Crew ids of people who have not signed in" flush>
      <DataTable
        caption="Crew ids of people who have not signed in"
        rows={rows}
        rowKey={(p) => p.subject ?? ""}
        empty=""
        columns={[
          {
            id: "subject",
            header: "Subject",
            rowHeader: true,
            cell: (p) => <span className="font-mono text-xs break-all">{p.subject}</span>,
          },
          { id: "crew", header: "Crew ids (eCrew.01)", cell: (p) => <CrewIds ids={p.crewIds ?? []} /> },
          { id: "changed", header: "Changed", cell: (p) => <Time value={p.updateTime} /> },
          ...(binds
            ? [
                {
                  id: "edit",
                  header: "Action",
                  align: "end" as const,
                  cell: (p: Personnel) => (
                    <Button
                      aria-label={`Edit crew ids of ${p.subject ?? ""}`}
                      onClick={() => edit({ subject: p.subject ?? "", crewIds: p.crewIds ?? [] })}
                    >
                      Edit crew ids
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Section>
  );
}
