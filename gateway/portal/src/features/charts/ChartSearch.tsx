import { Search } from "lucide-react";
import { useId } from "react";
import { minQuery } from "./queries";

/** Finds charts by a number. The field never becomes part of the address. */
export function ChartSearch({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <search aria-label="Search charts" className="no-print flex w-full flex-col gap-1 sm:w-80">
      <label htmlFor={id} className="text-xs text-faint">
        PCR number, incident or unit
      </label>
      <div className="relative">
        <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-faint" />
        <input
          id={id}
          type="search"
          className="control ps-8!"
          placeholder={`At least ${minQuery} characters`}
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
    </search>
  );
}
