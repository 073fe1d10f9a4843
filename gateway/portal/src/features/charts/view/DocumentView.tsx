import { Download, EyeOff, FileCode2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, classes, ErrorState, Notice, Section, SkeletonLines } from "@/ui";
import { FindingsTable, rowsOfFindings } from "../import/FindingsTable";
import { readDocument, type Chart } from "../queries";
import { linesOf } from "./xml";

type State =
  | { step: "closed" }
  | { step: "loading"; line: number }
  | { step: "failed"; error: unknown; line: number }
  | { step: "open"; text: string; line: number };

/** How many lines are shown at once; a browser lays out so many without a pause. */
const window_ = 1500;

/**
 * The findings, and the document that they are about, on demand. The document holds names and narrative: it is asked for when
 * somebody wants to see it, lives in this component alone, and is gone when it is closed.
 */
export function DocumentView({ chart }: { chart: Chart }) {
  const id = chart.id ?? "";
  const [state, setState] = useState<State>({ step: "closed" });
  const control = useRef<AbortController>(null);
  useEffect(() => () => control.current?.abort(), [id]);

  const open = (line: number) => {
    if (state.step === "open") {
      setState({ ...state, line });
      return;
    }
    control.current?.abort();
    const mine = new AbortController();
    control.current = mine;
    setState({ step: "loading", line });
    readDocument(id, mine.signal).then(
      (text) => {
        if (!mine.signal.aborted) setState({ step: "open", text, line });
      },
      (error: unknown) => {
        if (!mine.signal.aborted) setState({ step: "failed", error, line });
      },
    );
  };

  return (
    <>
      <Findings chart={chart} onLine={open} />
      <Section
        title="NEMSIS document"
        note={
          state.step === "open"
            ? "Opening it was recorded in the audit log."
            : "As it came in. It holds names and narrative; opening it is recorded in the audit log."
        }
        actions={
          state.step === "open" ? (
            <>
              <Button icon={<Download aria-hidden="true" className="size-4" />} onClick={() => save(state.text, id)}>
                Download
              </Button>
              <Button
                icon={<EyeOff aria-hidden="true" className="size-4" />}
                onClick={() => setState({ step: "closed" })}
              >
                Close
              </Button>
            </>
          ) : (
            <Button
              pending={state.step === "loading"}
              icon={<FileCode2 aria-hidden="true" className="size-4" />}
              onClick={() => open(0)}
            >
              Show document
            </Button>
          )
        }
        flush={state.step === "open"}
      >
        {state.step === "closed" ? (
          <p className="text-muted">
            NEMSIS {chart.nemsisVersion}, version {chart.version} of this chart.
          </p>
        ) : null}
        {state.step === "loading" ? <SkeletonLines /> : null}
        {state.step === "failed" ? <ErrorState error={state.error} retry={() => open(state.line)} /> : null}
        {state.step === "open" ? (
          <Source
            key={state.line}
            text={state.text}
            line={state.line}
            marked={(chart.findings ?? []).map((f) => f.line ?? 0)}
          />
        ) : null}
      </Section>
    </>
  );
}

function Findings({ chart, onLine }: { chart: Chart; onLine: (line: number) => void }) {
  const rows = rowsOfFindings(chart.findings ?? []);
  return (
    <Section
      title="Findings"
      note={rows.length > 0 ? "What the validator noted without refusing the document." : undefined}
      flush={rows.length > 0}
    >
      {rows.length > 0 ? (
        <FindingsTable caption="Findings" rows={rows} onLine={onLine} />
      ) : (
        <p className="text-muted">The validator noted nothing.</p>
      )}
    </Section>
  );
}

/** The text with its line numbers; the line that somebody asked for is in the middle. */
function Source({ text, line, marked }: { text: string; line: number; marked: readonly number[] }) {
  const { lines, reflowed } = linesOf(text);
  const [from, setFrom] = useState(() => (line > 0 && !reflowed ? Math.max(0, line - 1 - window_ / 2) : 0));
  const wanted = useRef<HTMLDivElement>(null);
  useEffect(() => wanted.current?.scrollIntoView({ block: "center" }), []);
  const shown = lines.slice(from, from + window_);
  return (
    <>
      {reflowed ? (
        <div className="p-4 pb-0">
          <Notice title="Shown with line breaks">
            The document came as one line; line numbers of findings do not fit this view.
          </Notice>
        </div>
      ) : null}
      <div
        role="region"
        aria-label="Document"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by itself, so the keyboard must reach it
        tabIndex={0}
        className="max-h-[36rem] overflow-auto p-4 font-mono text-xs leading-5"
      >
        {shown.map((content, i) => {
          const number = from + i + 1;
          const isWanted = number === line && !reflowed;
          return (
            <div
              key={number}
              ref={isWanted ? wanted : undefined}
              className={classes(
                "flex gap-4",
                isWanted && "bg-accent-tint",
                !reflowed && marked.includes(number) && "border-l-2 border-accent",
              )}
            >
              <span aria-hidden="true" className="w-10 shrink-0 text-end text-faint select-none tabular-nums">
                {number}
              </span>
              <code className="whitespace-pre">{content}</code>
            </div>
          );
        })}
      </div>
      {lines.length > window_ ? (
        <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-2.5 text-xs text-faint">
          <p role="status">
            Lines {from + 1} to {Math.min(from + window_, lines.length)} of {lines.length}
          </p>
          <div className="flex gap-2">
            <Button disabled={from === 0} onClick={() => setFrom(Math.max(0, from - window_))}>
              Earlier lines
            </Button>
            <Button disabled={from + window_ >= lines.length} onClick={() => setFrom(from + window_)}>
              Later lines
            </Button>
          </div>
        </div>
      ) : null}
    </>
  );
}

/** Saves the text as a file, by an address that is taken back at once. The name says which chart, not whose. */
function save(text: string, id: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/xml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `chart-${id}.xml`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
