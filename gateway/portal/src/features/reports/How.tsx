import { useMutation } from "@tanstack/react-query";
import { Check, Copy, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Can } from "@/permissions";
import { formatNumber, Time } from "@/time";
import { Button, ErrorState, IconButton, KeyValue, Notice, Section, toast } from "@/ui";
import { excludedText, type Execution } from "./figures";
import { exportExecution, useWho, type Template } from "./queries";
import { verify, type Verdict } from "./verify";
import { groupingLabel, sentences } from "./words";

/** Everything that is needed to ask the same again, or to check the answer. */
export function How({
  execution: e,
  template,
  where,
}: {
  execution: Execution;
  template: Template | undefined;
  where: string;
}) {
  const who = useWho();
  const zone = e.timeZone || "UTC";
  return (
    <Section title="How this was computed" note="Enough to ask the same again, and to check the answer">
      <div className="flex flex-col gap-5">
        {/* The words of the catalogue hold for the version that they belong to. */}
        {template && template.catalogueVersion === e.catalogueVersion ? (
          <p className="max-w-[96ch] text-muted">{sentences(template.description).join(" ")}</p>
        ) : null}
        <KeyValue
          columns={2}
          items={[
            ["Template", e.template],
            ["Agency", where],
            ["From, inclusive", <Time key="from" value={e.from} zone={zone} />],
            ["To, exclusive", <Time key="to" value={e.to} zone={zone} />],
            ["Time zone", zone],
            ["Grouped by", groupingLabel(e.groupBy)],
            ["Calls in the figures", formatNumber(e.n)],
            ["Calls left out", excludedText(e.excluded) || "none"],
            ["Metric catalogue", `version ${e.catalogueVersion ?? ""}`],
            ["Facts received until", <Time key="asof" value={e.dataAsOf} />],
            ["Mark", formatNumber(e.watermark)],
            [
              "Run by",
              <span key="who" className="break-all">
                {who(e.executedBy)}
              </span>,
            ],
            ["Run at", <Time key="at" value={e.createTime} />],
            ["Took", `${formatNumber(e.durationMs)} ms`],
            e.accessReason ? ["Reason for reading across agencies", e.accessReason] : null,
          ]}
        />
        <div className="flex flex-col gap-2">
          <Hash label="Execution" value={e.id ?? ""} />
          <Hash label="Definition, SHA-256" value={e.definitionSha256 ?? ""} />
          <Hash label="Result, SHA-256" value={e.resultSha256 ?? ""} />
        </div>
        <Can do="ReportService_ExportExecution">
          <Verification execution={e} />
        </Can>
      </div>
    </Section>
  );
}

function Hash({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      toast("danger", "The browser did not let it be copied", "Select the text and copy it by hand.");
    }
  };
  return (
    <div className="flex items-center gap-2 rounded-control border border-line bg-raised py-0.5 ps-3 pe-1">
      <div className="grid min-w-0 flex-1 gap-x-4 sm:grid-cols-[11rem_1fr] sm:items-center">
        <span className="text-xs text-faint">{label}</span>
        <code className="font-mono text-xs break-all select-all">{value}</code>
      </div>
      <IconButton label={copied ? "Copied" : `Copy ${label}`} className="no-print" onClick={() => void copy()}>
        {copied ? (
          <Check aria-hidden="true" className="size-4 text-success-text" />
        ) : (
          <Copy aria-hidden="true" className="size-4" />
        )}
      </IconButton>
    </div>
  );
}

/** Fetches the stored answer and computes its hash here, so that nobody has to be believed. */
function Verification({ execution }: { execution: Execution }) {
  const check = useMutation({
    mutationFn: async () => verify(execution, (await exportExecution(execution.id ?? "", "json")).data),
  });
  return (
    <div className="flex flex-col items-start gap-3">
      <Button
        className="no-print"
        icon={<ShieldCheck aria-hidden="true" className="size-4" />}
        pending={check.isPending}
        onClick={() => check.mutate()}
      >
        Verify in this browser
      </Button>
      <div aria-live="polite" className="w-full empty:hidden">
        {check.data ? <Outcome verdict={check.data} expected={execution.resultSha256 ?? ""} /> : null}
        {check.error ? <ErrorState error={check.error} /> : null}
      </div>
    </div>
  );
}

function Outcome({ verdict, expected }: { verdict: Verdict; expected: string }) {
  const sum = <code className="font-mono text-xs break-all">{verdict.sha256}</code>;
  if (verdict.verified) {
    return (
      <Notice tone="success" title="Verified in this browser">
        The SHA-256 of the stored answer ({formatNumber(verdict.bytes)} bytes) is {sum}, as the execution says, and its
        figures are those shown above.
      </Notice>
    );
  }
  if (verdict.why === "figures") {
    return (
      <Notice tone="danger" title="Not verified: the figures above are not those of the stored answer">
        The stored answer has its SHA-256, {sum}. Reload the page; if this stays, report it with the execution id.
      </Notice>
    );
  }
  return (
    <Notice tone="danger" title="Not verified: the stored answer has another SHA-256">
      It is {sum}; the execution says <code className="font-mono text-xs break-all">{expected}</code>. Report this with
      the execution id.
    </Notice>
  );
}
