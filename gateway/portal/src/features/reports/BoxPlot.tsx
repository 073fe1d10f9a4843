import { useState } from "react";
import { formatNumber } from "@/time";
import { Button, classes } from "@/ui";
import { axisOf, boxOf, type Axis, type Box } from "./boxplot";
import { clock, isFew, spoken, totalOf, type Row } from "./figures";

/** As many as are read at a glance; the rest on demand. */
const shownAtFirst = 31;

/**
 * The spread of each group: whisker from the 10th to the 90th percentile, box from the 25th to the 75th, mark at the median.
 * The table below it says the same in figures, so the drawing itself is one picture to a screen reader.
 */
export function BoxPlot({
  rows,
  name,
  title,
}: {
  rows: readonly Row[];
  name: (group: string) => string;
  title: string;
}) {
  const [all, setAll] = useState(false);
  const axis = axisOf(rows);
  const shown = all ? rows : rows.slice(0, shownAtFirst);
  return (
    <figure className="flex flex-col gap-3">
      <figcaption>
        <Legend />
      </figcaption>
      <div
        role="img"
        aria-label={`${title}: ${inWords(rows, name)} The table of figures says the same.`}
        className="flex flex-col"
      >
        <Scale axis={axis} />
        {shown.map((row) => (
          <PlotRow key={row.group} row={row} axis={axis} label={name(row.group ?? "")} />
        ))}
      </div>
      {rows.length > shown.length ? (
        <Button className="no-print self-start" onClick={() => setAll(true)}>
          Show all {rows.length} groups
        </Button>
      ) : null}
    </figure>
  );
}

/** What the picture is mainly there for: who is fast, who is slow. */
function inWords(rows: readonly Row[], name: (group: string) => string): string {
  const measured = rows.filter((row) => row.medianSeconds !== undefined);
  const [first] = measured;
  if (!first) return "no group has a call in the figures.";
  const by = (a: Row, b: Row) => (a.medianSeconds ?? 0) - (b.medianSeconds ?? 0);
  const fastest = measured.reduce((a, b) => (by(b, a) < 0 ? b : a), first);
  const slowest = measured.reduce((a, b) => (by(b, a) > 0 ? b : a), first);
  if (fastest === slowest) return `median of ${name(first.group ?? "")} ${spoken(first.medianSeconds)}.`;
  return (
    `medians from ${spoken(fastest.medianSeconds)} (${name(fastest.group ?? "")}) ` +
    `to ${spoken(slowest.medianSeconds)} (${name(slowest.group ?? "")}).`
  );
}

const grid =
  "grid grid-cols-[1fr_auto] items-center gap-x-4 sm:grid-cols-[minmax(8rem,14rem)_1fr_7.5rem] lg:grid-cols-[minmax(8rem,14rem)_1fr_13rem]";

function Scale({ axis }: { axis: Axis }) {
  return (
    <div className={classes(grid, "h-5")}>
      <span className="max-sm:hidden" />
      <span className="relative h-full max-sm:col-span-2">
        {axis.ticks.map((tick) => (
          <span
            key={tick}
            style={{ left: `${(100 * tick) / axis.end}%` }}
            className={classes(
              "absolute bottom-0.5 text-2xs leading-4 text-faint tabular-nums",
              tick === 0 ? "" : tick === axis.end ? "-translate-x-full" : "-translate-x-1/2",
            )}
          >
            {clock(tick)}
          </span>
        ))}
      </span>
      <span className="max-sm:hidden" />
    </div>
  );
}

function PlotRow({ row, axis, label }: { row: Row; axis: Axis; label: string }) {
  const box = boxOf(row, axis);
  const left = totalOf(row.excluded);
  const few = isFew(row);
  return (
    <div className={classes(grid, "border-t border-line py-1.5 sm:py-1")}>
      <span className="min-w-0 text-sm sm:truncate" title={label}>
        {label}
      </span>
      <span className="relative h-8 max-sm:order-last max-sm:col-span-2">
        {axis.ticks.map((tick) => (
          <span
            key={tick}
            style={{ left: `${(100 * tick) / axis.end}%` }}
            className="absolute -inset-y-1.5 border-l border-line sm:-inset-y-1"
          />
        ))}
        {box ? (
          <Glyph box={box} few={few} title={titleOf(row, label)} />
        ) : (
          <span className="absolute inset-y-0 left-2 content-center text-xs text-faint">no call in the figures</span>
        )}
      </span>
      <span className="text-end text-xs leading-4 text-muted tabular-nums sm:text-start">
        n {formatNumber(row.n)}
        {left > 0 ? <span className="text-faint"> · {formatNumber(left)} left out</span> : null}
        {few ? (
          <>
            <span className="text-faint sm:max-lg:hidden"> · </span>
            <span className="text-warning-text sm:max-lg:block">few calls</span>
          </>
        ) : null}
      </span>
    </div>
  );
}

function titleOf(row: Row, label: string): string {
  return `${label}: 10th ${clock(row.p10Seconds)}, 25th ${clock(row.p25Seconds)}, median ${clock(row.medianSeconds)}, 75th ${clock(row.p75Seconds)}, 90th ${clock(row.p90Seconds)}`;
}

const span = ([from, to]: readonly [number, number]) => ({ left: `${from}%`, width: `${to - from}%` });

/** With few calls the box is open and its line broken: less is known. */
function Glyph({ box, few, title }: { box: Box; few: boolean; title: string }) {
  return (
    <span title={title} className="absolute inset-0">
      <span style={span(box.whisker)} className="absolute top-1/2 h-0 border-t-2 border-faint" />
      {box.whisker.map((end, i) => (
        <span
          key={i}
          style={{ left: `${end}%` }}
          className="absolute top-1/2 h-2.5 w-0 -translate-x-px -translate-y-1/2 border-l-2 border-faint"
        />
      ))}
      {box.box && box.box[0] < box.box[1] ? (
        // The card under the tint keeps the whisker from showing through.
        <span style={span(box.box)} className="absolute top-1/2 h-4 -translate-y-1/2 rounded-xs bg-card">
          <span
            className={classes(
              "absolute inset-0 rounded-xs border border-accent-text",
              few ? "border-dashed" : "bg-accent/35",
            )}
          />
        </span>
      ) : null}
      <span
        style={{ left: `${box.median}%` }}
        className="absolute top-1/2 h-5 w-1 -translate-x-1/2 -translate-y-1/2 rounded-full bg-text ring-1 ring-card"
      />
    </span>
  );
}

function Legend() {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-xs text-muted">
      <li className="flex items-center gap-2">
        <span aria-hidden="true" className="h-4 w-1 rounded-full bg-text" />
        median
      </li>
      <li className="flex items-center gap-2">
        <span aria-hidden="true" className="h-3.5 w-6 rounded-xs border border-accent-text bg-accent/35" />
        25th to 75th percentile
      </li>
      <li className="flex items-center gap-2">
        <span aria-hidden="true" className="h-2.5 w-6 border-x-2 border-faint">
          <span className="block h-1.5 border-b-2 border-faint" />
        </span>
        10th to 90th percentile
      </li>
      <li className="flex items-center gap-2">
        <span aria-hidden="true" className="h-3.5 w-6 rounded-xs border border-dashed border-accent-text" />
        few calls
      </li>
    </ul>
  );
}
