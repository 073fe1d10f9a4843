import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Schema } from "@/api";
import { Time } from "@/time";
import { classes, Loaded } from "@/ui";
import { ChartLink } from "./links";
import { caseHistoryQuery } from "./queries";
import { triggerName } from "./words";

type Entry = Schema<"CaseHistoryEntry">;

/** What an entry says, apart from chart and triggers. */
const kinds: Readonly<Record<NonNullable<Entry["kind"]>, { title: string; codes: string; mark: string }>> = {
  KIND_OPENED: { title: "Case opened", codes: "", mark: "bg-accent" },
  KIND_TRIGGERED: { title: "Judged", codes: "Fires", mark: "bg-warning" },
  KIND_SUPERSEDED: { title: "Superseded by a newer version", codes: "No longer fires", mark: "bg-faint" },
  KIND_CHART_JOINED: { title: "Chart joined the case", codes: "", mark: "bg-info" },
  KIND_CHART_LEFT: { title: "Chart left the case", codes: "No longer fires", mark: "bg-faint" },
  KIND_WITHDRAWN: {
    title: "Case withdrawn: nothing fires any more, and nobody had begun the review",
    codes: "",
    mark: "bg-danger",
  },
};

/** What became of the case, oldest first. */
export function CaseHistory({ id, chartName }: { id: string; chartName: (id: string) => string }) {
  return (
    <Loaded query={useQuery(caseHistoryQuery(id))} lines={5}>
      {(history) => (
        <ol>
          {(history.entries ?? []).map((entry, i, all) => (
            <HistoryEntry key={i} entry={entry} last={i === all.length - 1} chartName={chartName} />
          ))}
        </ol>
      )}
    </Loaded>
  );
}

function HistoryEntry({ entry, last, chartName }: { entry: Entry; last: boolean; chartName: (id: string) => string }) {
  const kind = kinds[entry.kind ?? "KIND_OPENED"];
  return (
    <li className="relative flex gap-3 pb-4 last:pb-0">
      {last ? null : <span aria-hidden="true" className="absolute top-3 bottom-0 left-[4.5px] w-px bg-line-strong" />}
      <span aria-hidden="true" className={classes("relative mt-1.5 size-2.5 shrink-0 rounded-full", kind.mark)} />
      <div className="min-w-0 text-sm">
        <p className="font-medium">{kind.title}</p>
        <p className="text-xs text-faint">
          <Time value={entry.time} style="seconds" />
        </p>
        <Details entry={entry} codes={kind.codes} chartName={chartName} />
      </div>
    </li>
  );
}

function Details({ entry, codes, chartName }: { entry: Entry; codes: string; chartName: (id: string) => string }) {
  const parts: ReactNode[] = [];
  if (entry.chartId) {
    parts.push(
      <span key="chart">
        <ChartLink id={entry.chartId}>{chartName(entry.chartId)}</ChartLink>, version {entry.chartVersion}
      </span>,
    );
  }
  if (entry.policyVersion) parts.push(<span key="policy">by policy version {entry.policyVersion}</span>);
  return (
    <>
      {parts.length > 0 ? <p className="mt-0.5 flex flex-wrap gap-x-3 text-muted">{parts}</p> : null}
      {entry.triggerCodes?.length ? (
        <p className="mt-0.5 text-muted">
          {codes}: {entry.triggerCodes.map(triggerName).join(", ")}
        </p>
      ) : null}
    </>
  );
}
