import { clockChanges, formatClock, formatTime, zoneName } from "@/time";
import { classes } from "@/ui";

/** Room left of a plot for its scale, and around it: the axis below stands exactly under them. */
export const axisWidth = 36;
export const margin = { top: 8, right: 12, bottom: 8, left: 0 };

/** The one axis below all plots. */
export function TimeAxis({
  domain,
  ticks,
  zone,
}: {
  domain: [number, number];
  ticks: number[];
  zone: string | undefined;
}) {
  const width = domain[1] - domain[0];
  const changes = clockChanges([domain[0], ...ticks], zone).slice(1);
  return (
    <div aria-hidden="true" className="grid pt-1 sm:grid-cols-[8.5rem_minmax(0,1fr)]">
      <p className="hidden text-xs text-faint sm:block">
        {formatTime(new Date(domain[0]), zone, "date")} {zoneName(zone, new Date(domain[0]))}
      </p>
      <div
        className={classes("relative", changes.some(Boolean) ? "h-9" : "h-5")}
        style={{ marginLeft: axisWidth, marginRight: margin.right }}
      >
        {ticks.map((t, i) => (
          <span
            key={t}
            className="absolute -translate-x-1/2 text-center text-2xs whitespace-nowrap text-faint tabular-nums"
            style={{ left: `${((t - domain[0]) / width) * 100}%` }}
          >
            {formatClock(t, zone, "time")}
            {changes[i] ? <strong className="block font-semibold text-text">{changes[i]}</strong> : null}
          </span>
        ))}
      </div>
    </div>
  );
}
