import { RotateCw, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { Button, EmptyState, Section } from "@/ui";
import { FileCard } from "./FileCard";
import { isMoving, type Counts, type Item, type Queue } from "./queue";

const views = {
  all: { label: "All files", shows: () => true },
  problems: {
    label: "Refused and failed",
    shows: (item: Item) => ["rejected", "refused", "failed", "cancelled"].includes(item.state),
  },
  findings: {
    label: "With findings",
    shows: (item: Item) => item.charts.some((chart) => (chart.findings?.length ?? 0) > 0),
  },
  moving: { label: "Under way", shows: isMoving },
  done: { label: "Stored or there", shows: (item: Item) => item.state === "stored" || item.state === "present" },
} as const satisfies Record<string, { label: string; shows: (item: Item) => boolean }>;

type View = keyof typeof views;

/** From so many files on, three that were refused are no longer found by looking. */
const manyFiles = 10;

/** The files with what became of each, and of many only those that matter now. */
export function FileList({ queue, items, counts }: { queue: Queue; items: readonly Item[]; counts: Counts }) {
  const [view, setView] = useState<View>("all");
  // Of few files all are shown, whatever was chosen while there were many.
  const chosen = items.length < manyFiles ? "all" : view;
  const shown = items.filter(views[chosen].shows);
  return (
    <Section
      title="Files"
      note={counts.moving > 0 ? "Three travel at a time." : "Everything has been dealt with."}
      actions={
        <>
          {items.length < manyFiles ? null : <ViewChoice view={view} onChange={setView} items={items} />}
          {counts.failed > 0 ? (
            <Button icon={<RotateCw aria-hidden="true" className="size-4" />} onClick={() => queue.retryAll()}>
              Send failed again
            </Button>
          ) : null}
          {counts.moving > 0 ? <Button onClick={() => queue.stop()}>Cancel all</Button> : null}
          {counts.total > counts.moving ? (
            <Button
              look="quiet"
              icon={<Trash2 aria-hidden="true" className="size-4" />}
              onClick={() => queue.clearFinished()}
            >
              Clear finished
            </Button>
          ) : null}
        </>
      }
    >
      {shown.length === 0 ? (
        <EmptyState
          title="No file of this kind"
          action={<Button onClick={() => setView("all")}>Show all files</Button>}
        />
      ) : (
        <ul aria-label="Files" className="flex flex-col gap-3">
          {shown.map((item) => (
            <FileCard key={item.id} item={item} queue={queue} />
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Which files are shown. Not in the address: the list itself is gone with the page. */
function ViewChoice({ view, onChange, items }: { view: View; onChange: (view: View) => void; items: readonly Item[] }) {
  const id = useId();
  return (
    <div className="w-52">
      <label htmlFor={id} className="sr-only">
        Show
      </label>
      <select id={id} className="control" value={view} onChange={(event) => onChange(event.target.value as View)}>
        {Object.entries(views).map(([name, { label, shows }]) => (
          <option key={name} value={name}>
            {label} ({items.filter(shows).length})
          </option>
        ))}
      </select>
    </div>
  );
}
