import { useQuery } from "@tanstack/react-query";
import { formatNumber, formatRelative } from "@/time";
import { ErrorState, FilterChip, FilterTile, type Tone } from "@/ui";
import type { Schema } from "@/api";
import { caseSummaryQuery } from "./queries";
import type { CaseSearch } from "./search";
import { priorityNames, priorityTones, triggerName, type CasePriority, type CaseState } from "./words";

type Count = Schema<"CaseSummaryCount">;

/** Cases of a state, of one priority or of all, and since when the oldest waits. */
export function tally(
  counts: readonly Count[] | undefined,
  state: CaseState,
  priority?: CasePriority,
): { cases: number; oldest?: string } {
  const own = (counts ?? []).filter((c) => c.state === state && (priority === undefined || c.priority === priority));
  const oldest = own
    .map((c) => c.oldestCreateTime ?? "")
    .filter(Boolean)
    .toSorted()[0];
  return { cases: own.reduce((sum, c) => sum + (c.cases ?? 0), 0), ...(oldest ? { oldest } : {}) };
}

const tiles: readonly { label: string; state: CaseState; priority?: CasePriority; search: CaseSearch; tone: Tone }[] = [
  ...(["PRIORITY_HIGH", "PRIORITY_MEDIUM", "PRIORITY_LOW"] as const).map((priority) => ({
    label: `${priorityNames[priority]} priority, pending`,
    state: "STATE_PENDING" as const,
    priority,
    search: { priority: priority.replace("PRIORITY_", "").toLowerCase() as CaseSearch["priority"], state: undefined },
    tone: priorityTones[priority],
  })),
  {
    label: "Under review",
    state: "STATE_UNDER_REVIEW",
    search: { state: "under_review", priority: undefined },
    tone: "info",
  },
];

/** The load of the queue: each figure shows its cases when it is chosen. */
export function SummaryTiles({ search }: { search: CaseSearch }) {
  const query = useQuery(caseSummaryQuery);
  if (query.isError && !query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const counts = query.data?.counts;
  return (
    <section aria-label="Cases that wait" className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {tiles.map((tile) => {
          const { cases, oldest } = tally(counts, tile.state, tile.priority);
          return (
            <FilterTile
              key={tile.label}
              label={tile.label}
              count={query.data ? formatNumber(cases) : undefined}
              note={query.data ? (oldest ? `Oldest ${formatRelative(oldest)}` : "None") : undefined}
              tone={cases > 0 ? tile.tone : "neutral"}
              search={tile.search}
              active={search.state === tile.search.state && search.priority === tile.search.priority}
            />
          );
        })}
      </div>
      <TriggerChips triggers={query.data?.triggers} search={search} />
    </section>
  );
}

function TriggerChips({
  triggers,
  search,
}: {
  triggers: readonly Schema<"CaseSummaryTriggerCount">[] | undefined;
  search: CaseSearch;
}) {
  if (!triggers?.length) return null;
  return (
    <div>
      <h2 className="mb-2 text-xs font-medium text-faint">Pending cases by trigger</h2>
      <ul className="flex flex-wrap gap-1.5">
        {triggers.map((t) => (
          <li key={t.code}>
            <FilterChip
              label={triggerName(t.code)}
              title={t.code ?? ""}
              count={formatNumber(t.cases)}
              search={{ trigger: t.code, state: undefined }}
              active={search.trigger === t.code}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
