import type { ReactNode } from "react";
import { classes } from "./classes";
import { edge } from "./edge";
import { useSetSearch, type SearchPatch } from "./filters";
import { Skeleton } from "./states";
import type { Tone } from "./Status";

interface FilterProps {
  readonly label: string;
  /** Undefined while it is loading. */
  readonly count: ReactNode | undefined;
  /** What the URL says when this filter is set. */
  readonly search: SearchPatch;
  readonly active: boolean;
}

/** Takes the parameters of the filter into the URL, or out of it when it is set already. */
function useToggle({ search, active }: FilterProps): () => void {
  const set = useSetSearch();
  return () => set(active ? Object.fromEntries(Object.keys(search).map((key) => [key, undefined])) : search, "push");
}

/** One count of a list, which shows what it counts when it is chosen and everything when it is chosen again. */
export function FilterTile(props: FilterProps & { note?: ReactNode; tone?: Tone }) {
  const { label, count, note, tone = "neutral", active } = props;
  return (
    <button
      type="button"
      aria-pressed={active}
      onClick={useToggle(props)}
      className={classes(
        "block min-w-0 rounded-card border border-l-[3px] px-4 py-3 text-start transition-colors hover:bg-hover",
        edge[tone],
        active ? "border-y-accent border-r-accent bg-accent-tint" : "border-y-line border-r-line bg-card",
      )}
    >
      <span className="block text-xs font-medium text-muted">{label}</span>
      <span className="mt-1 block font-display text-2xl leading-8 font-semibold tabular-nums">
        {count === undefined ? <Skeleton className="my-1 h-6 w-12" /> : count}
      </span>
      <span className="block min-h-4 text-xs leading-4 text-faint">{note}</span>
    </button>
  );
}

/** The same on one line, where there are many. */
export function FilterChip(props: FilterProps & { title?: string }) {
  const { label, count, active, title } = props;
  return (
    <button
      type="button"
      aria-pressed={active}
      title={title}
      onClick={useToggle(props)}
      className={classes(
        "inline-flex min-h-7 items-center gap-2 rounded-control border px-2 text-start text-xs transition-colors hover:bg-hover",
        active ? "border-accent bg-accent-tint text-text" : "border-line bg-card text-muted",
      )}
    >
      <span className="min-w-0">{label}</span>
      <span className="font-display font-semibold text-text tabular-nums">{count}</span>
    </button>
  );
}
