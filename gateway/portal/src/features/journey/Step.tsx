import { Check, CircleDashed, EyeOff, LoaderCircle, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { Verdict } from "@/permissions";
import { formatDuration } from "@/time";
import { classes, StatusBadge, type Tone } from "@/ui";
import type { Progress } from "./progress";

type Shown = Progress | "hidden";

const looks: Readonly<Record<Shown, { icon: LucideIcon; mark: string; label: string; tone: Tone }>> = {
  done: { icon: Check, mark: "border-success text-success-text bg-success-tint", label: "Done", tone: "success" },
  working: { icon: LoaderCircle, mark: "border-info text-info-text bg-info-tint", label: "Working", tone: "info" },
  nothing: {
    icon: CircleDashed,
    mark: "border-line-strong text-faint bg-raised",
    label: "Nothing to do",
    tone: "neutral",
  },
  hidden: { icon: EyeOff, mark: "border-line text-faint bg-surface", label: "Not visible", tone: "neutral" },
};

/** One step of the journey: a mark on the line, its name, and what came of it. */
export function Step({
  title,
  by,
  state,
  label,
  after,
  last = false,
  children,
}: {
  title: string;
  by: string;
  state: Shown;
  label?: string;
  after?: number | undefined;
  last?: boolean;
  children: ReactNode;
}) {
  const look = looks[state];
  const Icon = look.icon;
  return (
    <li className="flex gap-3 sm:gap-4">
      <div aria-hidden="true" className="flex flex-col items-center">
        <span className={classes("flex size-8 shrink-0 items-center justify-center rounded-full border", look.mark)}>
          <Icon className={classes("size-4", state === "working" && "animate-spin")} />
        </span>
        {last ? null : <span className="w-px flex-1 bg-line-strong" />}
      </div>
      <section
        className={classes(
          "mb-5 min-w-0 flex-1 rounded-card border border-line bg-card",
          state === "hidden" && "border-dashed",
        )}
      >
        <header className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
          <h2 className="text-base leading-6 font-semibold">{title}</h2>
          <StatusBadge tone={look.tone}>{label ?? look.label}</StatusBadge>
          <p className="ms-auto text-xs text-faint">
            {by}
            {after === undefined
              ? null
              : `, ${after === 0 ? "within a second" : formatDuration(after)} after the import`}
          </p>
        </header>
        {/* Two lines, which most steps have: what is under it must not jump when they come. */}
        <div className="min-h-17 border-t border-line px-4 py-3 text-sm">{children}</div>
      </section>
    </li>
  );
}

/** Why somebody does not see a step, in the words of what they could do about it. */
export function hiddenText(verdict: Exclude<Verdict, { allowed: true }>): string {
  switch (verdict.why) {
    case "module":
      return "This module is switched off for the agency.";
    case "agency":
    case "reason":
      return "Choose an agency in the top bar to see this step.";
    default:
      return "Not visible for your role.";
  }
}
