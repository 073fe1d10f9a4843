import { formatDate, formatNumber, type CalendarDate } from "@/time";

export interface Day {
  readonly date?: CalendarDate;
  readonly value: number;
  /** The part of the value that needs attention. */
  readonly marked: number;
}

const height = 96;
const step = 10;
const bar = 7;

/** One bar for each day. The figures behind it are in its name, since a bar cannot be read aloud. */
export function DayBars({ days, unit, marked }: { days: readonly Day[]; unit: string; marked: string }) {
  const most = Math.max(1, ...days.map((d) => d.value));
  const total = days.reduce((n, d) => n + d.value, 0);
  const busiest = days.find((d) => d.value === most);
  const name = `${formatNumber(total)} ${unit} in ${days.length} days${busiest && total > 0 ? `, most on ${formatDate(busiest.date)}: ${formatNumber(most)}` : ""}`;
  const scale = (n: number) => (n === 0 ? 0 : Math.max(3, (n / most) * (height - 4)));
  return (
    <figure>
      <svg
        role="img"
        aria-label={name}
        viewBox={`0 0 ${days.length * step} ${height}`}
        preserveAspectRatio="none"
        className="h-24 w-full"
      >
        <line
          x1="0"
          x2={days.length * step}
          y1={height - 0.5}
          y2={height - 0.5}
          stroke="var(--line-strong)"
          vectorEffect="non-scaling-stroke"
        />
        {days.map((day, i) => (
          <g key={i}>
            <title>{`${formatDate(day.date)}: ${formatNumber(day.value)} ${unit}`}</title>
            <rect x={i * step} y="0" width={step} height={height} fill="transparent" />
            <rect
              x={i * step + 1.5}
              y={height - scale(day.value)}
              width={bar}
              height={scale(day.value)}
              fill="var(--series-1)"
            />
            <rect
              x={i * step + 1.5}
              y={height - scale(day.marked)}
              width={bar}
              height={scale(day.marked)}
              fill="var(--series-4)"
            />
          </g>
        ))}
      </svg>
      <figcaption className="mt-1.5 flex flex-wrap justify-between gap-x-4 text-xs text-faint">
        <span>{formatDate(days[0]?.date)}</span>
        <span className="flex flex-wrap gap-x-4">
          <Key colour="var(--series-1)">{unit}</Key>
          <Key colour="var(--series-4)">{marked}</Key>
        </span>
        <span>{formatDate(days[days.length - 1]?.date)}</span>
      </figcaption>
    </figure>
  );
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
