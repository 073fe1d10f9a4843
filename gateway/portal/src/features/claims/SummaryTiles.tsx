import { useQuery } from "@tanstack/react-query";
import type { Schema } from "@/api";
import { formatDate, formatNumber } from "@/time";
import { ErrorState, FilterChip, FilterTile, type Tone } from "@/ui";
import { claimSummaryQuery } from "./queries";
import type { ClaimSearch } from "./search";
import { hcpcsName, missingName, noBillName, type ClaimState } from "./words";

type Summary = Schema<"v1ClaimSummary">;

const tiles: readonly { label: string; state: ClaimState; search: ClaimSearch["state"]; tone: Tone }[] = [
  { label: "Incomplete", state: "STATE_DRAFT", search: undefined, tone: "warning" },
  { label: "Ready", state: "STATE_READY", search: "ready", tone: "success" },
  { label: "No bill", state: "STATE_NO_BILL", search: "no_bill", tone: "neutral" },
];

/** The claims by state, and the incomplete ones by what is missing: each figure shows its claims when it is chosen. */
export function SummaryTiles({ search }: { search: ClaimSearch }) {
  const query = useQuery(claimSummaryQuery);
  if (query.isError && !query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return (
    <section aria-label="Claims by state, with the oldest date of service" className="flex flex-col gap-4">
      <div className="grid grid-cols-3 gap-2 sm:gap-3">
        {tiles.map((tile) => {
          const count = query.data?.states?.find((s) => s.state === tile.state);
          const current = search.state === "draft" ? undefined : search.state;
          return (
            <FilterTile
              key={tile.label}
              label={tile.label}
              count={query.data ? formatNumber(count?.claims ?? 0) : undefined}
              note={query.data ? oldest(count) : undefined}
              tone={count?.claims ? tile.tone : "neutral"}
              search={{ state: tile.search, missing: undefined }}
              active={current === tile.search && search.missing === undefined}
            />
          );
        })}
      </div>
      <Breakdown summary={query.data} search={search} />
    </section>
  );
}

const oldest = (count: Schema<"ClaimSummaryStateCount"> | undefined) =>
  count?.oldestServiceDate
    ? `Since ${formatDate(count.oldestServiceDate)}`
    : count?.claims
      ? "Without a date of service"
      : "None";

/** What the chosen state is made of. */
function Breakdown({ summary, search }: { summary: Summary | undefined; search: ClaimSearch }) {
  switch (search.state) {
    case "ready":
      return (
        <Counts
          title="Ready and incomplete claims by level of service"
          counts={summary?.levels?.map((l) => [hcpcsName(l.hcpcs) || l.hcpcs, l.claims])}
        />
      );
    case "no_bill":
      return (
        <Counts title="No bills by reason" counts={summary?.noBills?.map((n) => [noBillName(n.code), n.claims])} />
      );
    default:
      return <MissingChips missing={summary?.missing} search={search} />;
  }
}

function MissingChips({ missing, search }: { missing: Summary["missing"]; search: ClaimSearch }) {
  if (!missing?.length) return null;
  return (
    <div>
      <h2 className="mb-2 text-xs font-medium text-faint">Incomplete claims by what is missing</h2>
      <ul className="flex flex-wrap gap-1.5">
        {missing.map((m) => (
          <li key={m.code}>
            <FilterChip
              label={missingName(m.code)}
              title={m.oldestServiceDate ? `Oldest service ${formatDate(m.oldestServiceDate)}` : ""}
              count={formatNumber(m.claims)}
              search={{ missing: m.code, state: undefined }}
              active={search.missing === m.code}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Counts({
  title,
  counts,
}: {
  title: string;
  counts: (readonly [string | undefined, number | undefined])[] | undefined;
}) {
  if (!counts?.length) return null;
  return (
    <div>
      <h2 className="mb-2 text-xs font-medium text-faint">{title}</h2>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
        {counts.map(([name, n]) => (
          <div key={name} className="flex items-baseline gap-2">
            <dt className="text-muted">{name}</dt>
            <dd className="font-display font-semibold tabular-nums">{formatNumber(n)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
