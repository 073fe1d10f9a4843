import { classes } from "@/ui";

/** The moments of a call that intervals lie between. */
const moments = [
  { element: "eTimes.01", name: "Call received" },
  { element: "eTimes.03", name: "Unit notified" },
  { element: "eTimes.05", name: "En route" },
  { element: "eTimes.06", name: "On scene" },
  { element: "eTimes.09", name: "Left scene" },
  { element: "eTimes.11", name: "At destination" },
  { element: "eTimes.13", name: "In service" },
] as const;

/** A call from left to right with the interval that a report measures. What it shows stands in words beside it. */
export function CallLine({
  between,
  named = false,
}: {
  between: readonly [string, string] | undefined;
  named?: boolean;
}) {
  const [from, to] = (between ?? ["", ""]).map((element) => moments.findIndex((m) => m.element === element));
  if (from === undefined || to === undefined || from < 0 || to < 0) return null;
  const inside = (i: number) => i >= from && i <= to;
  return (
    <ol aria-hidden="true" className="grid grid-cols-7">
      {moments.map((moment, i) => (
        <li key={moment.element} className="flex min-w-0 flex-col items-center gap-1.5">
          <span className="relative flex h-3 w-full items-center justify-center">
            <span
              className={classes(
                "absolute right-1/2 left-0 h-px",
                i === 0 ? "" : inside(i) && i > from ? "h-0.5 bg-accent" : "bg-line-strong",
              )}
            />
            <span
              className={classes(
                "absolute right-0 left-1/2 h-px",
                i === moments.length - 1 ? "" : inside(i) && i < to ? "h-0.5 bg-accent" : "bg-line-strong",
              )}
            />
            <span
              className={classes(
                "relative rounded-full",
                i === from || i === to
                  ? "size-2.5 bg-accent"
                  : inside(i)
                    ? "size-1.5 bg-accent"
                    : "size-1.5 bg-line-strong",
              )}
            />
          </span>
          {named ? (
            <span
              className={classes(
                "px-0.5 text-center text-2xs leading-4 max-sm:hidden",
                i === from || i === to ? "font-medium text-text" : "text-faint",
              )}
            >
              {moment.name}
              <span className="block tabular-nums">{moment.element.replace("eTimes", "")}</span>
            </span>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
