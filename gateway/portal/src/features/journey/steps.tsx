import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import type { Schema } from "@/api";
import { PriorityBadge, StateBadge } from "@/features/qa/badges";
import { byStrictness, triggerName } from "@/features/qa/words";
import { useVerdict, type OperationId } from "@/permissions";
import { formatDuration, Time } from "@/time";
import { ErrorState, linkClass, SkeletonLines } from "@/ui";
import { lag, nextLook, progressOf } from "./progress";
import { journeyCases, journeyChart, journeyClaims, journeyFact } from "./queries";
import { hiddenText, Step } from "./Step";

type Chart = Schema<"v1Chart">;
type Claim = Schema<"v1Claim">;
type Fact = Schema<"v1CallFact">;
type Case = Schema<"v1Case">;

/** A link for those who may open what it leads to; the same words for everyone else. */
export function MayOpen({ id, to, children }: { id: OperationId; to: string; children: ReactNode }) {
  if (!useVerdict(id).allowed) return children;
  return (
    <Link to={to as never} className={linkClass}>
      {children}
    </Link>
  );
}

interface StepProps {
  readonly chartId: string;
  readonly chart: Chart | undefined;
}

/** Looks again while a step is at work, ever more rarely. */
function useLooks() {
  const [openedAt] = useState(() => Date.now());
  return {
    openedAt,
    interval: (working: (now: number) => boolean) => (query: { state: { dataUpdateCount: number; error: unknown } }) =>
      query.state.error === null && working(Date.now()) ? nextLook(query.state.dataUpdateCount) : (false as const),
  };
}

/** The body of a step: refused, on its way, failed, or what came of it. */
function Body<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <SkeletonLines lines={2} />;
  return <ErrorState error={query.error} retry={() => void query.refetch()} />;
}

const working = "The fleet is at work on it. This page looks again by itself.";

export function ImportStep({ chartId, query }: { chartId: string; query: UseQueryResult<Chart> }) {
  const verdict = useVerdict("ChartService_GetChart");
  const frame = { title: "Imported", by: "clinical" };
  if (!verdict.allowed) {
    return (
      <Step {...frame} state="hidden">
        {hiddenText(verdict)}
      </Step>
    );
  }
  return (
    <Step {...frame} state={query.data ? "done" : "working"} label={query.data ? "Stored" : "Reading"}>
      <Body query={query}>
        {(chart) => (
          <p>
            <Link to="/charts/$chartId" params={{ chartId }} className={linkClass}>
              {chart.pcrNumber}
            </Link>
            , version {chart.version}, on <Time value={chart.importTime} style="seconds" />.{" "}
            {findingsText(chart.findings?.length ?? 0)}
          </p>
        )}
      </Body>
    </Step>
  );
}

const findingsText = (n: number) =>
  n === 0
    ? "The validator noted nothing."
    : n === 1
      ? "The validator noted 1 finding."
      : `The validator noted ${n} findings.`;

export function CaseStep({ chartId, chart }: StepProps) {
  const verdict = useVerdict("CaseService_ListCases");
  const { openedAt, interval } = useLooks();
  const stateOf = (cases: readonly Case[] | undefined, now: number) =>
    progressOf({ there: (cases?.length ?? 0) > 0, version: versionOn(cases, chartId) }, chart ?? {}, openedAt, now);
  const query = useQuery({
    ...journeyCases(chartId),
    enabled: verdict.allowed,
    refetchInterval: (q) => interval((now) => stateOf(q.state.data, now) === "working")(q),
  });
  const frame = { title: "Quality review", by: "qa" };
  if (!verdict.allowed) {
    return (
      <Step {...frame} state="hidden">
        {hiddenText(verdict)}
      </Step>
    );
  }
  const state = query.data ? stateOf(query.data, query.dataUpdatedAt) : "working";
  return (
    <Step
      {...frame}
      state={state}
      label={{ done: "Case", working: "Judging", nothing: "No case" }[state]}
      after={lag(chart?.importTime, query.data?.[0]?.createTime)}
    >
      <Body query={query}>
        {(cases) =>
          cases.length === 0 ? (
            <p className="text-muted">{state === "working" ? working : "No trigger fired on this chart."}</p>
          ) : (
            <ul className="flex flex-col gap-4">
              {cases.map((c) => (
                <li key={c.id}>
                  <CaseLine of={c} chartId={chartId} />
                </li>
              ))}
            </ul>
          )
        }
      </Body>
    </Step>
  );
}

/** The version that was judged: the case names that of the chart which opened it. */
const versionOn = (cases: readonly Case[] | undefined, chartId: string) =>
  cases?.find((c) => c.chartId === chartId)?.chartVersion;

function CaseLine({ of, chartId }: { of: Case; chartId: string }) {
  const triggers = byStrictness(of.triggers?.filter((t) => t.chartId === chartId));
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <MayOpen id="CaseService_GetCase" to={`/qa/cases/${of.id ?? ""}`}>
          Case opened <Time value={of.createTime} style="seconds" />
        </MayOpen>
        <StateBadge state={of.state} />
        <PriorityBadge priority={of.priority} />
      </p>
      {triggers.length > 0 ? (
        <ul className="mt-2 flex flex-col gap-1">
          {triggers.map((t) => (
            <li key={t.code} className="flex flex-wrap gap-x-3">
              <span>{triggerName(t.code)}</span>
              <code className="font-mono text-xs leading-5 text-faint">{t.code}</code>
              {t.measuredValue === undefined || t.threshold === undefined ? null : (
                <span className="text-muted tabular-nums">
                  {t.measuredValue} {t.unit}, limit {t.threshold} {t.unit}
                </span>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p className="mt-1 text-muted">Nothing fires on this chart any more; it stays on the case of its incident.</p>
      )}
    </>
  );
}

const claimStates: Readonly<Record<NonNullable<Claim["state"]>, string>> = {
  STATE_DRAFT: "Draft",
  STATE_READY: "Ready",
  STATE_NO_BILL: "No bill",
};

export function ClaimStep({ chartId, chart }: StepProps) {
  const verdict = useVerdict("ClaimService_ListClaims");
  const { openedAt, interval } = useLooks();
  const stateOf = (claims: readonly Claim[] | undefined, now: number) =>
    progressOf({ there: (claims?.length ?? 0) > 0, version: claims?.[0]?.chartVersion }, chart ?? {}, openedAt, now);
  const query = useQuery({
    ...journeyClaims(chartId),
    enabled: verdict.allowed,
    refetchInterval: (q) => interval((now) => stateOf(q.state.data, now) === "working")(q),
  });
  const frame = { title: "Claim", by: "billing" };
  if (!verdict.allowed) {
    return (
      <Step {...frame} state="hidden">
        {hiddenText(verdict)}
      </Step>
    );
  }
  const state = query.data ? stateOf(query.data, query.dataUpdatedAt) : "working";
  const claim = query.data?.[0];
  const known = claim?.state && claimStates[claim.state];
  return (
    <Step
      {...frame}
      state={state}
      label={state === "done" && known ? known : { done: "Drafted", working: "Drafting", nothing: "No claim" }[state]}
      after={lag(chart?.importTime, claim?.createTime)}
    >
      <Body query={query}>
        {() =>
          claim ? (
            <ClaimLine claim={claim} />
          ) : (
            <p className="text-muted">
              {state === "working"
                ? working
                : "Billing has nothing of this chart. If it was imported today, billing may be behind."}
            </p>
          )
        }
      </Body>
    </Step>
  );
}

function ClaimLine({ claim }: { claim: Claim }) {
  const missing = claim.missing?.length ?? 0;
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <MayOpen id="ClaimService_GetClaim" to={`/billing/claims/${claim.id ?? ""}`}>
          Claim drafted <Time value={claim.createTime} style="seconds" />
        </MayOpen>
        <span className="text-muted">from version {claim.chartVersion}</span>
      </p>
      {claim.noBill ? (
        <p className="mt-2 max-w-[72ch]">
          {claim.noBill.explanation} <code className="font-mono text-xs text-faint">{claim.noBill.code}</code>
        </p>
      ) : null}
      {claim.levelOfService ? (
        <p className="mt-2 max-w-[72ch]">
          {claim.levelOfService.hcpcs} {claim.levelOfService.name}
          <span className="text-muted"> by rule {claim.levelOfService.rule}</span>
        </p>
      ) : null}
      {missing > 0 ? (
        <p className="mt-1 text-muted">
          {missing === 1 ? "1 item is" : `${missing} items are`} missing: {claim.missing?.map((m) => m.code).join(", ")}
        </p>
      ) : null}
    </>
  );
}

export function FactStep({ chartId, chart }: StepProps) {
  const verdict = useVerdict("ReportService_GetCallFact");
  const { openedAt, interval } = useLooks();
  const stateOf = (fact: Fact | null | undefined, now: number) =>
    progressOf({ there: Boolean(fact), version: fact?.version }, chart ?? {}, openedAt, now);
  const query = useQuery({
    ...journeyFact(chartId),
    enabled: verdict.allowed,
    refetchInterval: (q) => interval((now) => stateOf(q.state.data, now) === "working")(q),
  });
  const frame = { title: "Report facts", by: "reporting" };
  if (!verdict.allowed) {
    return (
      <Step {...frame} state="hidden">
        {hiddenText(verdict)}
      </Step>
    );
  }
  const state = query.data === undefined ? "working" : stateOf(query.data, query.dataUpdatedAt);
  return (
    <Step
      {...frame}
      state={state}
      label={{ done: "In reports", working: "Arriving", nothing: "Not in reports" }[state]}
      after={lag(chart?.importTime, query.data?.arriveTime)}
    >
      <Body query={query}>
        {(fact) =>
          fact ? (
            <FactLine fact={fact} />
          ) : (
            <p className="text-muted">{state === "working" ? working : "Reports have nothing of this chart."}</p>
          )
        }
      </Body>
    </Step>
  );
}

const intervalNames: Readonly<Record<string, string>> = {
  turnout: "Turnout",
  response: "Response",
  system_response: "System response",
  on_scene: "On scene",
  transport: "Transport",
  turnaround: "Turnaround",
};

function FactLine({ fact }: { fact: Fact }) {
  return (
    <>
      <p>
        Arrived <Time value={fact.arriveTime} style="seconds" />, entry {fact.seq}, version {fact.version}.{" "}
        {fact.cancelledBeforeArrival ? "Canceled before arrival, so it takes no part in response times." : ""}
      </p>
      <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1">
        {fact.intervals?.map((i) => (
          <li key={i.name} className="whitespace-nowrap">
            <span className="text-faint">{intervalNames[i.name ?? ""] ?? i.name}</span>{" "}
            <span className="tabular-nums">
              {i.invalid ? "contradicting times" : i.seconds === undefined ? "unknown" : formatDuration(i.seconds)}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

export const useChart = (chartId: string) => {
  const { allowed } = useVerdict("ChartService_GetChart");
  return useQuery({ ...journeyChart(chartId), enabled: allowed });
};
