import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { missingName } from "@/features/claims/words";
import { triggerName } from "@/features/qa/words";
import { useCan } from "@/permissions";
import { formatNumber, useZone } from "@/time";
import { EmptyState, Loaded, Section, linkClass } from "@/ui";
import { DayBars } from "./DayBars";
import { caseSummaryQuery, chartSummaryQuery, claimSummaryQuery } from "./queries";

export function ChartActivity() {
  const query = useQuery(chartSummaryQuery(useZone()));
  return (
    <Section title="Charts imported" note="Last 30 days, by day of import">
      <Loaded query={query} lines={5}>
        {(summary) =>
          summary.charts ? (
            <DayBars
              unit="charts"
              marked="with findings"
              days={(summary.days ?? []).map((d) => ({
                ...(d.date ? { date: d.date } : {}),
                value: d.charts ?? 0,
                marked: d.withFindings ?? 0,
              }))}
            />
          ) : (
            <EmptyState title="No chart in the last 30 days">
              Charts arrive from the ePCR system of the agency, or by hand under Import charts.
            </EmptyState>
          )
        }
      </Loaded>
    </Section>
  );
}

interface Line {
  readonly code: string;
  readonly name: string;
  readonly count: number;
}

/** The most frequent of something, with a bar beside each figure. */
function Ranking({
  lines,
  unit,
  linkTo,
}: {
  lines: readonly Line[];
  unit: string;
  linkTo: ((code: string) => object) | undefined;
}) {
  const most = Math.max(1, ...lines.map((l) => l.count));
  return (
    <ul className="flex flex-col gap-2.5">
      {lines.slice(0, 8).map((line) => (
        <li key={line.code} className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1">
          {linkTo ? (
            <Link {...(linkTo(line.code) as { to: "/" })} className={`truncate ${linkClass}`}>
              {line.name}
            </Link>
          ) : (
            <span className="truncate">{line.name}</span>
          )}
          <span className="tabular-nums">
            {formatNumber(line.count)} <span className="sr-only">{unit}</span>
          </span>
          <svg aria-hidden="true" viewBox="0 0 100 4" preserveAspectRatio="none" className="col-span-2 h-1 w-full">
            <rect width="100" height="4" fill="var(--raised)" />
            <rect width={(100 * line.count) / most} height="4" fill="var(--control)" />
          </svg>
        </li>
      ))}
    </ul>
  );
}

export function CasesByTrigger() {
  const query = useQuery(caseSummaryQuery());
  const open = useCan("CaseService_ListCases");
  return (
    <Section title="What opens cases" note="Cases that are not closed, by trigger">
      <Loaded query={query} lines={5}>
        {(summary) =>
          summary.triggers?.length ? (
            <Ranking
              unit="cases"
              linkTo={open ? (trigger) => ({ to: "/qa/cases", search: { trigger } }) : undefined}
              lines={summary.triggers.map((t) => ({
                code: t.code ?? "",
                name: triggerName(t.code),
                count: t.cases ?? 0,
              }))}
            />
          ) : (
            <EmptyState title="No case is open">A chart on which a trigger of the policy fires opens one.</EmptyState>
          )
        }
      </Loaded>
    </Section>
  );
}

export function ClaimsByMissing() {
  const query = useQuery(claimSummaryQuery());
  const open = useCan("ClaimService_ListClaims");
  return (
    <Section title="What claims are missing" note="Incomplete claims; one that misses two items counts in both">
      <Loaded query={query} lines={5}>
        {(summary) =>
          summary.missing?.length ? (
            <Ranking
              unit="claims"
              linkTo={open ? (missing) => ({ to: "/billing/claims", search: { missing } }) : undefined}
              lines={summary.missing.map((m) => ({
                code: m.code ?? "",
                name: missingName(m.code ?? ""),
                count: m.claims ?? 0,
              }))}
            />
          ) : (
            <EmptyState title="No claim is missing anything" />
          )
        }
      </Loaded>
    </Section>
  );
}
