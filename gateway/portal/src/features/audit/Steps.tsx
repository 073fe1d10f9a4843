import { CheckCircle2, XCircle } from "lucide-react";
import { Notice } from "@/ui";
import type { Step } from "./proof/verify";
import { stepTitles } from "./steps";

/** Every step of a verification with what it found. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className="flex flex-col gap-2.5">
      {steps.map(({ id, ok, found }) => (
        <li key={id} className="flex gap-2.5 text-sm">
          {ok ? (
            <CheckCircle2 aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-success-text" />
          ) : (
            <XCircle aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-danger-text" />
          )}
          <span className="min-w-0">
            <span className="block font-medium">
              <span className="sr-only">{ok ? "Holds: " : "Does not hold: "}</span>
              {stepTitles[id]}
            </span>
            <span
              className={ok ? "block text-xs break-words text-faint" : "block text-xs break-words text-danger-text"}
            >
              {found}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The outcome in a sentence: all of it, or the first step that does not hold. */
export function Verdict({ steps, what }: { steps: readonly Step[]; what: string }) {
  const failed = steps.filter((step) => !step.ok);
  const [first] = failed;
  return (
    <div role="status">
      {first ? (
        <Notice tone="danger" title={`${what} is not proven`}>
          <p>
            {failed.length === 1 ? "This step does not hold" : `${failed.length} steps do not hold, first`}: “
            {stepTitles[first.id]}”. {first.found}
          </p>
          <p>Do not rely on what is shown. Keep this page as it is and tell whoever operates the platform.</p>
        </Notice>
      ) : (
        <Notice tone="success" title={`${what} is proven`}>
          This browser checked all {steps.length} steps by itself.
        </Notice>
      )}
    </div>
  );
}
