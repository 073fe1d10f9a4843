import type { ReactNode } from "react";
import { classes } from "./classes";

/** The frame of every page: eyebrow, the one h1, what can be done, and the content. */
export function Page({
  eyebrow,
  title,
  lead,
  actions,
  children,
}: {
  eyebrow: string;
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="flex flex-col gap-6">
      <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <p className="eyebrow">{eyebrow}</p>
          <h1 tabIndex={-1} className="mt-1 text-2xl leading-8 font-bold break-words outline-none">
            {title}
          </h1>
          {lead ? <p className="mt-1 max-w-[72ch] text-muted">{lead}</p> : null}
        </div>
        {actions ? (
          <div className="no-print flex w-full min-w-0 flex-wrap items-center gap-2 sm:w-auto sm:max-w-full">
            {actions}
          </div>
        ) : null}
      </header>
      {children}
    </div>
  );
}

/** A titled block of a page. */
export function Section({
  title,
  note,
  actions,
  flush = false,
  className,
  children,
}: {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  /** Content to the border, for tables. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section className={classes("min-w-0 rounded-card border border-line bg-card", className)}>
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <div className="min-w-0">
          <h2 className="text-base leading-6 font-semibold">{title}</h2>
          {note ? <p className="text-xs text-faint">{note}</p> : null}
        </div>
        {actions ? (
          <div className="no-print flex max-w-full min-w-0 flex-wrap items-center gap-2">{actions}</div>
        ) : null}
      </header>
      <div className={flush ? "" : "p-4"}>{children}</div>
    </section>
  );
}

/** A bordered surface without a title. */
export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={classes("min-w-0 rounded-card border border-line bg-card p-4", className)}>{children}</div>;
}

/** Columns that become one on a narrow screen. */
export function Columns({ wide = false, children }: { wide?: boolean; children: ReactNode }) {
  return (
    <div className={classes("grid gap-6", wide ? "xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]" : "lg:grid-cols-2")}>
      {children}
    </div>
  );
}
