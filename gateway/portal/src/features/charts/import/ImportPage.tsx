import { useBlocker } from "@tanstack/react-router";
import { useEffect } from "react";
import { useAgencyChoice } from "@/api";
import { useCan, useMe } from "@/permissions";
import { formatNumber } from "@/time";
import { announce, Confirm, Page, Section, StatTile, toast } from "@/ui";
import { DropZone } from "./DropZone";
import { Progress } from "./FileCard";
import { FileList } from "./FileList";
import { count, type Counts } from "./queue";
import { useImportQueue } from "./useImportQueue";

export function ImportPage() {
  const { agencyId } = useAgencyChoice();
  const agency = useMe().agency;
  // What was handed in for one agency is not shown while another is worked for.
  return <ImportFor key={agency?.id ?? agencyId ?? ""} agency={agency?.displayName ?? ""} />;
}

function ImportFor({ agency }: { agency: string }) {
  const { queue, items } = useImportQueue();
  const counts = count(items);
  useProgressAnnounced(counts);
  const add = (files: File[]) => {
    const { known } = queue.add(files);
    if (known > 0)
      toast("info", known === 1 ? "One file is in the list already" : `${known} files are in the list already`);
  };
  return (
    <Page
      eyebrow="Operations"
      title="Import charts"
      lead={
        <>
          Hands NEMSIS documents in for {agency || "the agency"}. A document is stored whole or not at all, and handing
          it in again changes nothing.
        </>
      }
    >
      <DropZone onFiles={add} compact={items.length > 0} />
      {items.length > 0 ? (
        <>
          <Summary counts={counts} />
          <FileList queue={queue} items={items} counts={counts} />
        </>
      ) : (
        <Before />
      )}
      <LeaveGuard active={counts.moving > 0} moving={counts.moving} />
    </Page>
  );
}

function Summary({ counts }: { counts: Counts }) {
  return (
    <div className="flex flex-col gap-3">
      <section aria-label="Summary of the import" className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
        <StatTile
          label="Files"
          value={formatNumber(counts.total)}
          note={counts.moving > 0 ? `${counts.moving} under way` : "All done"}
        />
        <StatTile label="Stored" value={formatNumber(counts.stored)} note="Something was new" tone="success" />
        <StatTile label="Already there" value={formatNumber(counts.present)} note="Nothing changed" />
        <StatTile
          label="Refused"
          value={formatNumber(counts.refused)}
          note="Nothing stored"
          tone={counts.refused > 0 ? "danger" : "neutral"}
        />
        <StatTile
          label="Failed"
          value={formatNumber(counts.failed)}
          note="May be sent again"
          tone={counts.failed > 0 ? "warning" : "neutral"}
        />
        <StatTile
          label="Charts"
          value={formatNumber(counts.charts)}
          note={findingsNote(counts.findings)}
          tone={counts.findings > 0 ? "warning" : "neutral"}
        />
      </section>
      {counts.moving > 0 ? <Progress label="All files" share={counts.share} /> : null}
    </div>
  );
}

const findingsNote = (n: number) => (n === 0 ? "No findings" : n === 1 ? "1 finding" : `${formatNumber(n)} findings`);

/** What to expect, while there is nothing in the list. */
function Before() {
  const mayOpen = useCan("ChartService_GetChart");
  return (
    <Section title="What happens to a file">
      <ol className="grid gap-x-8 gap-y-4 text-sm sm:grid-cols-2 xl:grid-cols-4">
        {[
          [
            "Checked",
            "Structure, code lists and values are checked against NEMSIS. What breaks them is named with element, line and rule.",
          ],
          [
            "Matched to your agency",
            "Every agency identifier in the document must be yours. One that nobody registered is noted as a finding.",
          ],
          [
            "Stored",
            "All its reports are stored at once, sealed with the agency's key. A report that changed becomes the next version.",
          ],
          [
            "Worked on",
            mayOpen
              ? "Quality review, billing and reports begin by themselves. The journey of a chart shows how far they are."
              : "Quality review, billing and reports begin by themselves. Your role does not open charts; number and findings stay on this page.",
          ],
        ].map(([title, text]) => (
          <li key={title}>
            <p className="font-semibold">{title}</p>
            <p className="text-muted">{text}</p>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** Leaving ends what is under way: the browser asks when the page is closed, the portal when another page is opened. */
function LeaveGuard({ active, moving }: { active: boolean; moving: number }) {
  const blocker = useBlocker({ shouldBlockFn: () => active, enableBeforeUnload: active, withResolver: true });
  return (
    <Confirm
      open={blocker.status === "blocked"}
      title="Leave while files are uploading?"
      action="Leave anyway"
      danger
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    >
      {moving === 1 ? "One file is" : `${moving} files are`} still under way and will be cancelled. What is stored stays
      stored.
    </Confirm>
  );
}

/** Says how far it is, not more often than anybody can listen. */
function useProgressAnnounced(counts: Counts): void {
  const { total, moving, stored, present, refused, failed } = counts;
  const done = total - moving;
  useEffect(() => {
    if (done === 0) return;
    const text =
      moving > 0
        ? `${done} of ${total} files done`
        : `All ${total} files done: ${stored} stored, ${present} already there, ${refused} refused, ${failed} failed`;
    const timer = setTimeout(() => announce(text), 700);
    return () => clearTimeout(timer);
  }, [done, total, moving, stored, present, refused, failed]);
}
