import { TriangleAlert } from "lucide-react";
import { classes } from "@/ui";
import { clockChanges, formatClock, formatDuration, useZone } from "@/time";
import { callTimes, stopsOf, type Stop } from "./timeline";
import type { ChartFacts } from "../queries";

/**
 * The recorded times of a call as stops of one way: side by side where there is room, each part as long as it took but never too
 * short to read; one below the other on a narrow screen.
 */
export function TimelineBand({ times }: { times: ChartFacts["times"] }) {
  const stops = stopsOf(callTimes(times));
  const zone = useZone();
  const changes = clockChanges(
    stops.map((stop) => stop.at),
    zone,
  );
  if (stops.length === 0) return <p className="text-muted">The document records no time of this call.</p>;
  return (
    <ol aria-label="Times of the call" className="flex flex-col xl:flex-row xl:overflow-x-auto xl:pb-1">
      {stops.map((stop, i) => (
        <StopItem key={stop.element} stop={stop} change={changes[i] ?? ""} zone={zone} last={i === stops.length - 1} />
      ))}
    </ol>
  );
}

function StopItem({
  stop,
  change,
  zone,
  last,
}: {
  stop: Stop;
  /** The day or the zone, where it is another than at the stop before. */
  change: string;
  zone: string | undefined;
  last: boolean;
}) {
  const { seconds } = stop;
  return (
    <li
      className={classes("group flex min-w-0 gap-3 xl:block", last ? "xl:flex-none" : "xl:min-w-[5.5rem] xl:basis-0")}
      // The part grows with what it took, on a scale that keeps an hour from hiding a minute.
      style={last ? undefined : { flexGrow: Math.sqrt(Math.max(seconds ?? 0, 1)) }}
    >
      <span aria-hidden="true" className="flex w-3 shrink-0 flex-col items-center xl:h-4 xl:w-full xl:flex-row">
        <span
          className={classes(
            "size-3 shrink-0 rounded-full border-2",
            stop.outOfOrder ? "border-warning-text" : "border-accent",
            "bg-card",
          )}
        />
        {last ? null : <span className="w-0.5 flex-1 bg-line-strong xl:h-0.5 xl:w-auto" />}
      </span>
      <div className={classes("min-w-0 pb-4 xl:pt-1 xl:pr-3 xl:pb-0", last && "pb-0")}>
        <p className="text-xs whitespace-nowrap text-muted tabular-nums">
          <time dateTime={new Date(stop.at).toISOString()}>{formatClock(stop.at, zone)}</time>
          {change ? <strong className="ms-1.5 font-semibold text-text">{change}</strong> : null}
        </p>
        <p className="text-sm leading-5 font-semibold" title={`${stop.label} (${stop.element})`}>
          {stop.short}
        </p>
        {stop.outOfOrder ? (
          <p className="mt-0.5 flex items-center gap-1 text-xs text-warning-text">
            <TriangleAlert aria-hidden="true" className="size-3" />
            Out of order
          </p>
        ) : null}
        {seconds === undefined ? null : (
          <p className="mt-1 text-xs text-faint">
            {stop.leg || "Then"}{" "}
            <span className="whitespace-nowrap text-muted tabular-nums">{formatDuration(seconds)}</span>
          </p>
        )}
      </div>
    </li>
  );
}
