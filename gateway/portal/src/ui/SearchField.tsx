import { Search } from "lucide-react";
import { useId } from "react";

/** A field for what must not stand in the address: numbers of patients' records. What is typed stays in the page's memory. */
export function SearchField({
  name,
  label,
  minLength,
  value,
  onChange,
}: {
  /** What is searched, as a landmark says it. */
  name: string;
  label: string;
  minLength: number;
  value: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <search aria-label={name} className="no-print flex w-full flex-col gap-1 sm:w-80">
      <label htmlFor={id} className="text-xs text-faint">
        {label}
      </label>
      <div className="relative">
        <Search aria-hidden="true" className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-faint" />
        <input
          id={id}
          type="search"
          className="control ps-8!"
          placeholder={`At least ${minLength} characters`}
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
