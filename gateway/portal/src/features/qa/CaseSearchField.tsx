import { Search } from "lucide-react";
import { useId } from "react";
import { minQuery } from "./queries";

/** Finds cases by incident number. What is typed never becomes part of the address. */
export function CaseSearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <search aria-label="Search cases" className="no-print flex w-full flex-col gap-1 sm:w-72">
      <label htmlFor={id} className="text-xs text-faint">
        Incident number
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
