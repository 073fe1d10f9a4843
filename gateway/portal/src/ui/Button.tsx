import { Link, type LinkProps } from "@tanstack/react-router";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { classes } from "./classes";

type Look = "primary" | "secondary" | "quiet" | "danger";

const looks: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover border-transparent font-semibold",
  secondary: "bg-raised text-text border-line-strong hover:bg-hover",
  quiet: "bg-transparent text-muted border-transparent hover:bg-hover hover:text-text",
  danger: "bg-danger-solid text-white border-transparent hover:brightness-110 font-semibold",
};

const shape =
  "inline-flex min-h-9 items-center justify-center gap-2 rounded-control border px-3 py-1.5 text-sm leading-5 whitespace-nowrap " +
  "transition-colors disabled:opacity-55 disabled:hover:brightness-100";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: ReactNode;
  /** Shows that the work is under way; the button keeps its width. */
  pending?: boolean;
}

export function Button({ look = "secondary", icon, pending = false, className, children, type, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type ?? "button"}
      disabled={rest.disabled ?? pending}
      aria-busy={pending || undefined}
      className={classes(shape, looks[look], className)}
    >
      {icon}
      {children}
    </button>
  );
}

/** A square button with a picture only; its label is for everyone who does not see the picture, and for the pointer. */
export function IconButton({
  label,
  className,
  children,
  ...rest
}: Omit<ButtonProps, "look" | "icon"> & { label: string }) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={rest.title ?? label}
      className={classes(
        "inline-flex size-9 shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-hover hover:text-text",
        className,
      )}
    >
      {children}
    </button>
  );
}

/** Goes somewhere, looks like a button. */
export function ButtonLink({
  look = "secondary",
  icon,
  className,
  children,
  ...link
}: LinkProps & { look?: Look; icon?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <Link {...(link as LinkProps)} className={classes(shape, looks[look], className)}>
      {icon}
      {children}
    </Link>
  );
}

/** A link in running text or in a table cell. */
export const linkClass = "text-accent-text underline-offset-4 hover:underline font-medium";

/** To another site: a new tab that knows nothing of this one. */
export function ExternalLink({ href, children, className }: { href: string; children: ReactNode; className?: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className={className ?? linkClass}>
      {children}
      <span className="sr-only"> (opens in a new tab)</span>
    </a>
  );
}
