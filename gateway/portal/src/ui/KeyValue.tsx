import type { ReactNode } from "react";
import { classes } from "./classes";

/** Facts as pairs of name and value. */
export function KeyValue({
  items,
  columns = 1,
}: {
  items: readonly (readonly [string, ReactNode] | null)[];
  columns?: 1 | 2 | 3;
}) {
  const grid = { 1: "", 2: "sm:grid-cols-2", 3: "sm:grid-cols-2 xl:grid-cols-3" }[columns];
  return (
    <dl className={classes("grid gap-x-8 gap-y-2", grid)}>
      {items
        .filter((item) => item !== null)
        .map(([name, value]) => (
          <div key={name} className="grid grid-cols-[minmax(7rem,38%)_1fr] gap-3 text-sm">
            <dt className="text-faint">{name}</dt>
            <dd className="min-w-0 break-words">
              {value === undefined || value === "" || value === null ? "—" : value}
            </dd>
          </div>
        ))}
    </dl>
  );
}
