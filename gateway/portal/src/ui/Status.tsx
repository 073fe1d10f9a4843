import { AlertTriangle, CheckCircle2, Circle, Info, XCircle, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";

export type Tone = "neutral" | "accent" | "success" | "warning" | "danger" | "info";

export const toneClass: Record<Tone, string> = {
  neutral: "bg-raised text-muted border-line-strong",
  accent: "bg-accent-tint text-accent-text border-current/35",
  success: "bg-success-tint text-success-text border-current/35",
  warning: "bg-warning-tint text-warning-text border-current/35",
  danger: "bg-danger-tint text-danger-text border-current/35",
  info: "bg-info-tint text-info-text border-current/35",
};

export const toneIcon: Record<Tone, LucideIcon> = {
  neutral: Circle,
  accent: Circle,
  success: CheckCircle2,
  warning: AlertTriangle,
  danger: XCircle,
  info: Info,
};

/** A state in one word: shape, word and colour say the same. */
export function StatusBadge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  const Icon = toneIcon[tone];
  return (
    <span
      className={classes(
        "inline-flex items-center gap-1 rounded-full border px-2 py-0.5 text-xs leading-4 font-medium whitespace-nowrap",
        toneClass[tone],
      )}
    >
      <Icon aria-hidden="true" className="size-3 shrink-0" />
      {children}
    </span>
  );
}

/** A message on the page that stays: what is the matter and what to do. */
export function Notice({ tone = "info", title, children }: { tone?: Tone; title?: ReactNode; children?: ReactNode }) {
  const Icon = toneIcon[tone];
  return (
    <div className={classes("flex gap-3 rounded-card border px-4 py-3", toneClass[tone])}>
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 text-text">
        {title ? <p className="font-semibold">{title}</p> : null}
        {children ? <div className="text-sm text-muted">{children}</div> : null}
      </div>
    </div>
  );
}
