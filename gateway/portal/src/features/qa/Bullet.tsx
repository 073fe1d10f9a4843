import { formatNumber } from "@/time";

/** What a value is to its limit, in figures and in words. */
export interface Measure {
  readonly measured: number;
  readonly threshold: number;
  /** Where bar and limit end on a scale that has room for both, in percent. */
  readonly bar: number;
  readonly limit: number;
  readonly above: boolean;
  /** "4.2 min above the limit". */
  readonly words: string;
}

const room = 1.15;

const percent = (part: number, whole: number) => Math.round((part / whole) * 1000) / 10;

export function measure(measured: number, threshold: number, unit: string): Measure {
  const top = Math.max(measured, threshold, 0) * room || 1;
  const above = measured > threshold;
  // Two values of two decimals differ by one of two decimals, which binary fractions do not know.
  const distance = Math.round(Math.abs(measured - threshold) * 100) / 100;
  const words =
    distance === 0 ? "at the limit" : `${formatNumber(distance)} ${unit} ${above ? "above" : "below"} the limit`;
  return {
    measured,
    threshold,
    bar: percent(Math.max(measured, 0), top),
    limit: percent(Math.max(threshold, 0), top),
    above,
    words: words.replace("  ", " "),
  };
}

const withUnit = (value: number, unit: string) => `${formatNumber(value)}${unit ? ` ${unit}` : ""}`;

/** A measured value against its limit: a bar, a mark, and both numbers. The words say all of it without the picture. */
export function Bullet({ measured, threshold, unit }: { measured: number; threshold: number; unit: string }) {
  const m = measure(measured, threshold, unit);
  const within = Math.min(m.bar, m.limit);
  return (
    <figure className="w-full max-w-80">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="font-display text-lg leading-6 font-semibold tabular-nums">{withUnit(measured, unit)}</span>
        <span className="text-xs text-muted">
          limit <span className="tabular-nums">{withUnit(threshold, unit)}</span>
        </span>
      </figcaption>
      <div aria-hidden="true" className="relative mt-1.5 h-3 rounded-sm bg-raised">
        <div className="absolute inset-y-0.5 left-0 bg-faint" style={{ width: `${within}%` }} />
        <div
          className="absolute inset-y-0.5 bg-accent"
          style={{ left: `${within}%`, width: `${Math.abs(m.bar - m.limit)}%`, opacity: m.above ? 1 : 0.25 }}
        />
        <div className="absolute -inset-y-1 w-0.5 -translate-x-1/2 bg-text" style={{ left: `${m.limit}%` }} />
      </div>
      <p className="mt-1.5 text-xs text-muted">{m.words}</p>
    </figure>
  );
}
