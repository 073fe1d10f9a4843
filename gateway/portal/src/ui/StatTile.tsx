import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { classes } from "./classes";
import { edge } from "./edge";
import { Skeleton } from "./states";
import type { Tone } from "./Status";

/** One figure with its name; a link when there is a page behind it. Undefined while it is loading, null when it is not known. */
export function StatTile({
  label,
  value,
  note,
  tone = "neutral",
  link,
}: {
  label: string;
  value: ReactNode | undefined;
  note?: ReactNode;
  tone?: Tone;
  link?: LinkProps;
}) {
  const body = (
    <>
      <dt className="text-xs font-medium text-muted">{label}</dt>
      <dd className="mt-1 font-display text-2xl break-words leading-8 font-semibold">
        {value === undefined ? (
          <Skeleton className="my-1 h-6 w-16" />
        ) : (
          (value ?? <span className="text-faint">—</span>)
        )}
      </dd>
      <dd className="min-h-4 text-xs leading-4 text-faint">{note}</dd>
    </>
  );
  const shape = classes("block min-w-0 rounded-card border border-l-[3px] border-line bg-card px-4 py-3", edge[tone]);
  return link ? (
    <Link {...link} className={classes(shape, "transition-colors hover:bg-hover")}>
      <dl>{body}</dl>
    </Link>
  ) : (
    <dl className={shape}>{body}</dl>
  );
}

/** Tiles side by side, as many as fit. */
export function StatTiles({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section aria-label={label} className="grid grid-cols-2 gap-3 sm:grid-cols-[repeat(auto-fit,minmax(13rem,1fr))]">
      {children}
    </section>
  );
}
