import { useNavigate } from "@tanstack/react-router";
import { useId, type ReactNode } from "react";
import { Button } from "./Button";
import { classes } from "./classes";
import { Options, type Option } from "./form";

export type SearchPatch = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Changes search parameters of the page; undefined or "" takes one away. The schema of the route decides what stays. What somebody
 * chose is pushed, so that "back" takes it away again; what changes while one types, as a date does, replaces.
 */
export function useSetSearch(): (patch: SearchPatch, how?: "push" | "replace") => void {
  const navigate = useNavigate();
  return (patch, how = "replace") => {
    const clean = Object.fromEntries(
      Object.entries(patch).map(([key, value]) => [key, value === "" ? undefined : value]),
    );
    void navigate({
      to: ".",
      search: ((old: object) => ({ ...old, ...clean })) as never,
      replace: how === "replace",
      resetScroll: false,
    });
  };
}

/** The row of filters above a list. `active` lists the names that are set, for taking them all away at once. */
export function Filters({
  label,
  active,
  children,
}: {
  label: string;
  active: readonly string[];
  children: ReactNode;
}) {
  const set = useSetSearch();
  return (
    <search aria-label={label} className="no-print grid min-w-0 grow grid-cols-2 items-end gap-3 sm:flex sm:flex-wrap">
      {children}
      {active.length > 0 ? (
        <Button
          look="quiet"
          className="justify-self-start"
          onClick={() => set(Object.fromEntries(active.map((name) => [name, undefined])), "push")}
        >
          Clear filters
        </Button>
      ) : null}
    </search>
  );
}

/** One of a few values, kept in the URL. */
export function SelectFilter({
  name,
  label,
  value,
  all,
  options,
  half = false,
}: {
  name: string;
  label: string;
  value: string | undefined;
  /** Name of the choice that filters nothing, e.g. "All states". */
  all?: string;
  options: readonly Option[];
  /** Its choices are short: on a narrow screen two such stand side by side. */
  half?: boolean;
}) {
  const id = useId();
  const set = useSetSearch();
  return (
    <div className={classes("flex w-full min-w-0 flex-col gap-1 sm:w-auto sm:min-w-40", half ? "" : "col-span-2")}>
      <label htmlFor={id} className="text-xs text-faint">
        {label}
      </label>
      <select
        id={id}
        className="control"
        value={value ?? ""}
        onChange={(event) => set({ [name]: event.target.value }, "push")}
      >
        {all === undefined ? null : <option value="">{all}</option>}
        <Options options={options} />
      </select>
    </div>
  );
}

/** First and last day of a period, YYYY-MM-DD, kept in the URL. */
export function DateRangeFilter({
  from,
  to,
  fromName = "from",
  toName = "to",
  max,
  label = "Period",
  fromLabel = "From",
  toLabel = "To",
}: {
  from: string | undefined;
  to: string | undefined;
  fromName?: string;
  toName?: string;
  max?: string;
  /** What the period is about. */
  label?: string;
  fromLabel?: string;
  toLabel?: string;
}) {
  const id = useId();
  const set = useSetSearch();
  const day = (
    name: string,
    label: string,
    value: string | undefined,
    limits: { min?: string | undefined; max?: string | undefined },
  ) => (
    <div className="flex min-w-0 flex-1 flex-col gap-1 sm:w-40 sm:flex-none">
      <label htmlFor={`${id}-${name}`} className="text-xs text-faint">
        {label}
      </label>
      <input
        id={`${id}-${name}`}
        type="date"
        className="control"
        value={value ?? ""}
        min={limits.min}
        max={limits.max}
        onChange={(event) => set({ [name]: event.target.value })}
      />
    </div>
  );
  return (
    <div role="group" aria-label={label} className="col-span-2 flex w-full gap-3 sm:w-auto">
      {day(fromName, fromLabel, from, { max: to ?? max })}
      {day(toName, toLabel, to, { min: from, max })}
    </div>
  );
}
