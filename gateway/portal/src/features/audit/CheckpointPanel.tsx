import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { formatNumber, Time } from "@/time";
import { Button, Dialog, ErrorState, KeyValue, Skeleton, StatusBadge } from "@/ui";
import { toBase64 } from "./proof/bytes";
import { checkpointQuery } from "./queries";
import { Steps, Verdict } from "./Steps";

/** The newest signed statement about the whole log, checked here. */
export function CheckpointPanel() {
  const query = useQuery(checkpointQuery);
  const [open, setOpen] = useState(false);
  const { data } = query;
  if (!data && query.error) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const good = data?.steps.every((step) => step.ok) ?? false;
  return (
    <section
      aria-label="Checkpoint of the log"
      className="flex min-h-13 flex-wrap items-center justify-between gap-x-6 gap-y-2 rounded-card border border-line bg-card px-4 py-2.5"
    >
      {data ? (
        <p role="status" className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          <StatusBadge tone={good ? "success" : "danger"}>
            {good ? "Checkpoint verified" : "Checkpoint not proven"}
          </StatusBadge>
          {data.checkpoint ? (
            <span>
              <span className="font-semibold tabular-nums">{formatNumber(data.checkpoint.size)}</span> entries in the
              log
            </span>
          ) : null}
          <span className="text-faint">
            checked in this browser, <Time value={data.at} style="time" />
          </span>
        </p>
      ) : (
        <Skeleton className="h-5 w-full max-w-96" />
      )}
      <div className="no-print flex gap-2">
        <Button
          icon={<RotateCw aria-hidden="true" className="size-4" />}
          pending={query.isFetching}
          onClick={() => void query.refetch()}
        >
          Check again
        </Button>
        <Button disabled={!data} onClick={() => setOpen(true)}>
          Details
        </Button>
      </div>
      {data && !good ? (
        // Not behind a button: what cannot be proven is the first thing to know about this page.
        <div className="mb-1.5 w-full">
          <Verdict steps={data.steps} what="The checkpoint" />
        </div>
      ) : null}
      <Dialog open={open} onClose={() => setOpen(false)} title="Checkpoint of the log" place="right" size="medium">
        {data ? (
          <div className="flex flex-col gap-5">
            <Verdict steps={data.steps} what="The checkpoint" />
            <KeyValue
              items={[
                ["Origin", data.checkpoint?.origin],
                ["Entries", formatNumber(data.checkpoint?.size)],
                ["Root hash", <Code key="root" text={data.checkpoint ? toBase64(data.checkpoint.root) : ""} />],
                ["Read", <Time key="at" value={data.at} style="seconds" />],
                ["Verifier key", <Code key="key" text={data.verifierKey} />],
              ]}
            />
            <Steps steps={data.steps} />
            <div>
              <h3 className="text-sm font-semibold">Signed note</h3>
              <p className="mt-1 mb-2 text-xs text-faint">
                Keep a copy elsewhere now and then: whoever holds one can prove later that nothing before it was
                changed.
              </p>
              <Code text={data.note} block />
            </div>
          </div>
        ) : null}
      </Dialog>
    </section>
  );
}

/** Text for machines, whole and easy to select. */
export function Code({ text, block = false }: { text: string; block?: boolean }) {
  if (!block) return <code className="font-mono text-xs break-all select-all">{text || "—"}</code>;
  return (
    <pre className="overflow-x-auto rounded-control border border-line bg-surface p-3 font-mono text-xs leading-5 break-all whitespace-pre-wrap">
      {text}
    </pre>
  );
}
