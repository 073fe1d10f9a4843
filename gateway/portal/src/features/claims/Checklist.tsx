import { Check, Minus, X } from "lucide-react";
import type { Check as Item, Group } from "./needs";

/** What a claim needs: first what is missing and what to do about it, then everything that is in order. */
export function Checklist({ groups }: { groups: readonly Group[] }) {
  const missing = groups.flatMap((g) => g.checks).filter((c) => c.state === "missing");
  return (
    <div className="flex flex-col gap-6">
      {missing.length > 0 ? (
        <ul aria-label="Missing" className="divide-y divide-line">
          {missing.map((check) => (
            <MissingRow key={check.label} check={check} />
          ))}
        </ul>
      ) : null}
      <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
        {groups.map((group) => (
          <InOrder key={group.label} group={group} />
        ))}
      </div>
    </div>
  );
}

function MissingRow({ check }: { check: Item }) {
  return (
    <li className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-2.5 py-3 first:pt-0 last:pb-0">
      <X aria-hidden="true" className="mt-0.5 size-4 text-danger-text" />
      <div className="min-w-0 text-sm">
        <p className="font-semibold">{check.label}</p>
        {check.todo.map((item) => (
          <p key={item.code} className="mt-0.5 max-w-[64ch] text-muted">
            {sentence(item.message)}{" "}
            {item.element ? (
              <code className="rounded border border-line bg-raised px-1.5 font-mono text-xs whitespace-nowrap">
                {item.element}
              </code>
            ) : null}
          </p>
        ))}
      </div>
    </li>
  );
}

function InOrder({ group }: { group: Group }) {
  const checks = group.checks.filter((c) => c.state !== "missing");
  if (checks.length === 0) return null;
  return (
    <section aria-label={group.label} className="min-w-0">
      <h3 className="text-xs font-medium text-faint">{group.label}</h3>
      <ul className="mt-0.5 divide-y divide-line text-sm">
        {checks.map((check) => (
          <li key={check.label} className="flex items-baseline gap-2.5 py-1.5">
            {check.state === "there" ? (
              <Check aria-hidden="true" className="size-4 shrink-0 self-center text-success-text" />
            ) : (
              <Minus aria-hidden="true" className="size-4 shrink-0 self-center text-faint" />
            )}
            <span className={check.state === "there" ? "" : "text-faint"}>{check.label}</span>
            <span className="ms-auto text-end text-xs text-muted tabular-nums">{value(check)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function value(check: Item) {
  if (check.state === "notNeeded") return <span className="text-faint">Not asked</span>;
  if (!check.value) return <span className="sr-only">In order</span>;
  return (
    <>
      <span className="sr-only">In order: </span>
      {check.value}
    </>
  );
}

/** "supply the payer" as the sentence that it is. */
export function sentence(text: string | undefined): string {
  if (!text) return "";
  // The number of an element keeps its small letter.
  const begin = /^e[A-Z]/.test(text) ? text.charAt(0) : text.charAt(0).toUpperCase();
  return `${begin}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
