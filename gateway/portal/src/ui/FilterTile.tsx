import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { classes } from "./classes";
import type { SearchPatch } from "./filters";
import { Skeleton } from "./states";
import type { Tone } from "./Status";

/** Takes the parameters of a filter into the URL, or out of it when it is set already. */
const toggled = (patch: SearchPatch, active: boolean) =>
  ((old: object) => ({
    ...old,
    ...(active ? Object.fromEntries(Object.keys(patch).map((key) => [key, undefined])) : patch),
  })) as never;

interface FilterProps {
  readonly label: string;
  /** Undefined while it is loading. */
  readonly count: ReactNode | undefined;
  /** What the URL says when this filter is set. */
  readonly search: SearchPatch;
  readonly active: boolean;
}

const edge: Record<Tone, string> = {
  neutral: "border-l-line-strong",
  accent: "border-l-accent",
  success: "border-l-success",
  warning: "border-l-warning",
  danger: "border-l-danger",
  info: "border-l-info",
};

/** One count of a list, which shows what it counts when it is chosen and everything when it is chosen again. */
export function FilterTile({
  label,
  count,
  note,
  tone = "neutral",
  search,
  active,
}: FilterProps & { note?: ReactNode; tone?: Tone }) {
  return (
    <Link
      to="."
      search={toggled(search, active)}
      replace
      resetScroll={false}
      aria-current={active ? "true" : undefined}
      className={classes(
        "block min-w-0 rounded-card border border-l-[3px] px-4 py-3 transition-colors hover:bg-hover",
        edge[tone],
        active ? "border-y-accent border-r-accent bg-accent-tint" : "border-y-line border-r-line bg-card",
      )}
    >
      <span className="block text-xs font-medium text-muted">{label}</span>
      <span className="mt-1 block font-display text-2xl leading-8 font-semibold tabular-nums">
        {count === undefined ? <Skeleton className="my-1 h-6 w-12" /> : count}
      </span>
      <span className="block min-h-4 text-xs leading-4 text-faint">{note}</span>
    </Link>
  );
}

/** The same on one line, where there are many. */
export function FilterChip({ label, count, search, active, title }: FilterProps & { title?: string }) {
  return (
    <Link
      to="."
      search={toggled(search, active)}
      replace
      resetScroll={false}
      aria-current={active ? "true" : undefined}
      title={title}
      className={classes(
        "inline-flex min-h-7 items-center gap-2 rounded-control border px-2 text-xs transition-colors hover:bg-hover",
        active ? "border-accent bg-accent-tint text-text" : "border-line bg-card text-muted",
      )}
    >
      <span className="min-w-0">{label}</span>
      <span className="font-display font-semibold text-text tabular-nums">{count}</span>
    </Link>
  );
}
