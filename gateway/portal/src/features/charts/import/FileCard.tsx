import { RotateCw, X } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { explain } from "@/api";
import { useCan } from "@/permissions";
import { classes, IconButton, linkClass, RequestId, sentence, StatusBadge, type Tone } from "@/ui";
import { formatBytes } from "./check";
import { FindingsTable, rowsOfFindings, rowsOfProblem } from "./FindingsTable";
import { isMoving, mayRetry, type FileState, type ImportedChart, type Item, type Queue } from "./queue";

const states: Readonly<Record<FileState, { tone: Tone; label: string }>> = {
  checking: { tone: "neutral", label: "Checking" },
  waiting: { tone: "neutral", label: "Waiting" },
  uploading: { tone: "info", label: "Uploading" },
  reading: { tone: "info", label: "Being read" },
  stored: { tone: "success", label: "Stored" },
  present: { tone: "neutral", label: "Already there" },
  refused: { tone: "danger", label: "Refused" },
  rejected: { tone: "danger", label: "Not sent" },
  failed: { tone: "warning", label: "Failed" },
  cancelled: { tone: "warning", label: "Cancelled" },
};

/** One file: where it is, what became of its charts, and what is wrong with it. */
export function FileCard({ item, queue }: { item: Item; queue: Queue }) {
  const { id, file, state } = item;
  return (
    <li className="overflow-hidden rounded-card border border-line bg-card">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
        <div className="min-w-0 flex-1 basis-48">
          <p className="font-medium break-all">{file.name}</p>
          <p className="text-xs text-faint tabular-nums">
            {state === "uploading" ? `${formatBytes(item.sent)} of ${formatBytes(file.size)}` : formatBytes(file.size)}
          </p>
        </div>
        <StatusBadge tone={states[state].tone}>{states[state].label}</StatusBadge>
        <div className="flex items-center">
          {mayRetry(item) ? (
            <IconButton label={`Send ${file.name} again`} title="Send again" onClick={() => queue.retry(id)}>
              <RotateCw aria-hidden="true" className="size-4" />
            </IconButton>
          ) : null}
          <IconButton
            label={isMoving(item) ? `Cancel ${file.name}` : `Remove ${file.name} from the list`}
            title={isMoving(item) ? "Cancel" : "Remove from the list"}
            onClick={() => (isMoving(item) ? queue.cancel(id) : queue.remove(id))}
          >
            <X aria-hidden="true" className="size-4" />
          </IconButton>
        </div>
      </div>
      {state === "uploading" || state === "reading" ? (
        <div className="px-4 pb-3">
          <Progress label={`Upload of ${file.name}`} share={item.sent / file.size} />
        </div>
      ) : null}
      <Outcome item={item} />
    </li>
  );
}

/** How far something is, as a bar. */
export function Progress({ label, share }: { label: string; share: number }) {
  const percent = Math.round(share * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className="h-1.5 overflow-hidden rounded-full bg-raised"
    >
      <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${percent}%` }} />
    </div>
  );
}

function Outcome({ item }: { item: Item }) {
  switch (item.state) {
    case "rejected":
      return <p className="border-t border-line px-4 py-2.5 text-sm text-muted">{item.objection}</p>;
    case "refused":
    case "failed":
      return <Refusal item={item} />;
    case "stored":
    case "present":
      return <Charts name={item.file.name} charts={item.charts} />;
    default:
      return null;
  }
}

function Refusal({ item }: { item: Item }) {
  const { title, todo, detail, requestId } = explain(item.problem);
  const rows = rowsOfProblem(item.problem);
  return (
    <div className="border-t border-line">
      <div className="flex flex-col gap-0.5 px-4 py-2.5 text-sm">
        <p>{item.state === "refused" ? sentence(detail || title) : title}</p>
        <p className="text-muted">
          {item.state === "refused" ? "Correct it in your ePCR product, export it again and add the new file." : todo}
        </p>
        <RequestId id={requestId} />
      </div>
      {rows.length > 0 ? (
        <div className="border-t border-line">
          <FindingsTable caption={`Faults of ${item.file.name}`} rows={rows} />
        </div>
      ) : null}
    </div>
  );
}

function Charts({ name, charts }: { name: string; charts: readonly ImportedChart[] }) {
  return (
    <ul className="border-t border-line">
      {charts.map((chart) => (
        <li key={chart.id} className="border-b border-line last:border-b-0">
          <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 px-4 py-2 text-sm">
            <span className="min-w-40 font-medium">
              <ChartName chart={chart} />
            </span>
            <span className="text-muted">Incident {chart.incidentNumber || "not given"}</span>
            <span className="text-muted">Unit {chart.unitCallSign || "not given"}</span>
            <span className="text-muted">{newness(chart)}</span>
            <Link
              to="/charts/$chartId/journey"
              params={{ chartId: chart.id ?? "" }}
              className={classes(linkClass, "ms-auto")}
            >
              Journey<span className="sr-only"> of {chart.pcrNumber}</span>
            </Link>
          </div>
          {chart.findings?.length ? (
            <div className="border-t border-line bg-surface">
              <FindingsTable caption={`Findings of ${chart.pcrNumber ?? name}`} rows={rowsOfFindings(chart.findings)} />
            </div>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function newness(chart: ImportedChart): string {
  if (!chart.isNew) return "Already there, unchanged";
  return chart.version === 1 ? "New chart" : `Version ${chart.version ?? 0} of a chart`;
}

/** An importer need not be allowed to open charts: then the number is all they get. */
function ChartName({ chart }: { chart: ImportedChart }) {
  const mayOpen = useCan("ChartService_GetChart");
  if (!mayOpen) return chart.pcrNumber;
  return (
    <Link to="/charts/$chartId" params={{ chartId: chart.id ?? "" }} className={linkClass}>
      {chart.pcrNumber}
    </Link>
  );
}
