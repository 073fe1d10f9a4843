import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { FilePlus2 } from "lucide-react";
import { useState } from "react";
import { PersonName } from "@/features/people/PersonName";
import { Can } from "@/permissions";
import { Time } from "@/time";
import {
  Button,
  ButtonLink,
  Card,
  DataList,
  ErrorState,
  Page,
  Section,
  SelectFilter,
  SkeletonLines,
  StatusBadge,
  rowsOf,
  type Column,
} from "@/ui";
import { ActivateDialog } from "./ActivateDialog";
import { countOfChanges, DiffTable } from "./DiffTable";
import { pretty } from "./pretty";
import { versionsQuery, type Version } from "./queries";
import { policyTitle } from "./words";

const route = getRouteApi("/governance/$key");

export function PolicyPage() {
  const { key } = route.useParams();
  const query = useInfiniteQuery(versionsQuery(key));
  const versions: readonly Version[] | undefined = rowsOf(query, (page) => page.versions as Version[] | undefined);
  const [activating, setActivating] = useState<Version | null>(null);
  const active = versions?.find((version) => version.active);
  return (
    <Page
      eyebrow="Policy"
      title={policyTitle(key)}
      lead={active ? `Version ${active.version} is in force.` : undefined}
      actions={
        <Can do="PolicyService_CreatePolicyVersion">
          <ButtonLink
            look="primary"
            icon={<FilePlus2 aria-hidden="true" className="size-4" />}
            to={"/governance/$key/new"}
            params={{ key } as never}
          >
            New version
          </ButtonLink>
        </Can>
      }
    >
      <Section title="Versions" note="Newest first. A version never changes." flush>
        <DataList
          caption="Versions of the policy, newest first"
          query={query}
          rows={versions}
          rowKey={(version) => String(version.version)}
          columns={columns(setActivating)}
          empty="This policy has no version"
        />
      </Section>
      {versions ? <Comparison versions={versions} /> : query.error ? null : <SkeletonLines lines={6} />}
      {activating ? (
        <ActivateDialog policy={key} version={activating} active={active} onClose={() => setActivating(null)} />
      ) : null}
    </Page>
  );
}

function columns(activate: (version: Version) => void): Column<Version>[] {
  return [
    {
      id: "version",
      header: "Version",
      rowHeader: true,
      cell: (v) => (
        <span className="flex flex-wrap items-center gap-2">
          Version {v.version}
          {v.active ? <StatusBadge tone="success">In force</StatusBadge> : null}
        </span>
      ),
    },
    {
      id: "comment",
      header: "Why",
      width: "lg:w-2/5",
      cell: (v) => <span className="break-words text-muted">{v.comment}</span>,
    },
    {
      id: "made",
      header: "Made",
      cell: (v) => (
        <span className="block">
          <Time value={v.createTime} />
          <span className="block text-xs text-faint">
            {v.author === "system" ? "Delivered with the platform" : <PersonName subject={v.author} />}
          </span>
        </span>
      ),
    },
    { id: "since", header: "Last put in force", cell: (v) => <Time value={v.activateTime} /> },
    {
      id: "do",
      header: "Action",
      align: "end",
      cell: (v) =>
        v.active ? (
          <span className="text-faint">—</span>
        ) : (
          <Can do="PolicyService_ActivatePolicyVersion" otherwise={<span className="text-faint">—</span>}>
            <Button onClick={() => activate(v)}>Put in force…</Button>
          </Can>
        ),
    },
  ];
}

/** Which two versions are compared when the address does not say: what is in force, and the newest or the one before. */
export function defaultPair(versions: readonly Version[]): readonly [number, number] {
  const active = versions.find((v) => v.active)?.version ?? 0;
  const newest = versions[0]?.version ?? 0;
  return newest > active
    ? [active, newest]
    : [versions.find((v) => (v.version ?? 0) < active)?.version ?? active, active];
}

function Comparison({ versions }: { versions: readonly Version[] }) {
  const search = route.useSearch();
  const [defaultOld, defaultNew] = defaultPair(versions);
  const find = (wanted: number | undefined, otherwise: number) =>
    versions.find((v) => v.version === (wanted ?? otherwise)) ?? versions.find((v) => v.version === otherwise);
  const before = find(search.old, defaultOld);
  const after = find(search.new, defaultNew);
  if (!before || !after) return <ErrorState error={new Error("a version is missing")} />;
  const options = versions.map((v) => ({
    value: String(v.version),
    label: `Version ${v.version}${v.active ? " (in force)" : ""}`,
  }));
  return (
    <>
      {/* One version has nothing to be compared with. */}
      {versions.length < 2 ? null : (
        <Card className="no-print">
          <div className="flex flex-wrap items-end gap-3">
            <SelectFilter name="old" label="Compare" value={String(before.version)} options={options} />
            <SelectFilter name="new" label="With" value={String(after.version)} options={options} />
          </div>
        </Card>
      )}
      {before === after ? null : (
        <Section
          title={`From version ${before.version} to version ${after.version}`}
          note={countOfChanges(before.document ?? null, after.document ?? null)}
          flush
        >
          <DiffTable
            caption={`What differs between version ${before.version} and version ${after.version}`}
            before={before.document ?? null}
            after={after.document ?? null}
          />
        </Section>
      )}
      <Section
        title={`Document of version ${after.version}`}
        note={
          <>
            SHA-256 <code className="font-mono break-all">{after.sha256}</code>
          </>
        }
        flush
      >
        {/* A long text in a box of its own needs the keyboard to scroll it. */}
        <pre
          role="region"
          aria-label={`Document of version ${after.version}`}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrollable by keyboard
          tabIndex={0}
          className="max-h-[32rem] overflow-auto p-4 font-mono text-xs leading-5"
        >
          {pretty(after.document ?? null)}
        </pre>
      </Section>
    </>
  );
}
