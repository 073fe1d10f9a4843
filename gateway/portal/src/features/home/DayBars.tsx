import { formatDate, formatNumber, type CalendarDate } from "@/time";
import { scaleTop } from "./scale";

export interface Day {
  readonly date?: CalendarDate;
  readonly value: number;
  /** The part of the value that needs attention. */
  readonly marked: number;
}

const height = 96;
const step = 10;
const bar = 7;

/** One bar for each day, on a scale from nothing to a round figure. The figures are in its name, since a bar cannot be read aloud. */
export function DayBars({ days, unit, marked }: { days: readonly Day[]; unit: string; marked: string }) {
  const most = Math.max(0, ...days.map((d) => d.value));
  const top = scaleTop(most);
  const total = days.reduce((n, d) => n + d.value, 0);
  const busiest = days.find((d) => d.value === most);
  const name = `${formatNumber(total)} ${unit} in ${days.length} days${busiest && total > 0 ? `, most on ${formatDate(busiest.date)}: ${formatNumber(most)}` : ""}`;
  // A day with anything at all is seen, whatever the scale.
  const scale = (n: number) => (n === 0 ? 0 : Math.max(2, (n / top) * height));
  return (
    <figure className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 gap-y-1.5">
      <div
        aria-hidden="true"
        className="flex h-24 flex-col justify-between text-end text-2xs leading-none text-faint tabular-nums"
      >
        <span className="-mt-1">{formatNumber(top)}</span>
        {top % 2 === 0 ? <span>{formatNumber(top / 2)}</span> : null}
        <span className="-mb-1">0</span>
      </div>
      <svg
        role="img"
        aria-label={name}
        viewBox={`0 0 ${days.length * step} ${height}`}
        preserveAspectRatio="none"
        className="h-24 w-full overflow-visible"
      >
        {[0, height / 2, height].map((y) => (
          <line
            key={y}
            x1="0"
            x2={days.length * step}
            y1={y}
            y2={y}
            stroke={y === height ? "var(--line-strong)" : "var(--line)"}
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {days.map((day, i) => (
          <g key={i}>
            <title>{`${formatDate(day.date)}: ${formatNumber(day.value)} ${unit}, ${formatNumber(day.marked)} ${marked}`}</title>
            <rect x={i * step} y="0" width={step} height={height} fill="transparent" />
            <Bar at={i} tall={scale(day.value)} colour="var(--series-1)" />
            <Bar at={i} tall={scale(day.marked)} colour="var(--series-4)" />
          </g>
        ))}
      </svg>
      <figcaption className="col-start-2 flex flex-wrap justify-between gap-x-4 gap-y-1 text-xs text-faint">
        <span>{formatDate(days[0]?.date)}</span>
        <span className="order-last flex w-full flex-wrap justify-center gap-x-4 sm:order-none sm:w-auto">
          <Key colour="var(--series-1)">{unit}</Key>
          <Key colour="var(--series-4)">{marked}</Key>
        </span>
        <span>{formatDate(days[days.length - 1]?.date)}</span>
      </figcaption>
    </figure>
  );
}

function Bar({ at, tall, colour }: { at: number; tall: number; colour: string }) {
  return <rect x={at * step + 1.5} y={height - tall} width={bar} height={tall} fill={colour} />;
}

function Key({ colour, children }: { colour: string; children: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <svg aria-hidden="true" viewBox="0 0 8 8" className="size-2">
        <rect width="8" height="8" fill={colour} />
      </svg>
      {children}
    </span>
  );
}
