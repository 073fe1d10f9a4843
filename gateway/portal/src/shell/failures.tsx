import { Link, type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { Compass, Lock, Power } from "lucide-react";
import type { ReactNode } from "react";
import type { Verdict } from "@/permissions";
import { Button, ErrorState, Page, Skeleton, linkClass } from "@/ui";
import { agencyPicker } from "./AgencySwitcher";

/** A page that cannot be shown, and what the person can do. */
function Refusal({
  icon,
  eyebrow,
  title,
  children,
}: {
  icon: ReactNode;
  eyebrow: string;
  title: string;
  children: ReactNode;
}) {
  return (
    <Page eyebrow={eyebrow} title={title}>
      <div className="flex max-w-[72ch] gap-4 rounded-card border border-line bg-card p-5">
        <span className="text-faint">{icon}</span>
        <div className="flex flex-col gap-3 text-muted">{children}</div>
      </div>
    </Page>
  );
}

/** The frame of a page whose script or first answer is on its way. */
export function PagePending() {
  return (
    <div role="status" className="flex flex-col gap-6">
      <span className="sr-only">Loading the page</span>
      <div className="flex flex-col gap-2">
        <Skeleton className="h-3 w-24" />
        <Skeleton className="h-7 w-64 max-w-full" />
      </div>
      <Skeleton className="h-64 w-full" />
    </div>
  );
}

export function NotFound() {
  return (
    <Refusal icon={<Compass aria-hidden="true" />} eyebrow="Not found" title="There is no such page">
      <p>The address may be misspelt, or the page has moved.</p>
      <p>
        <Link to="/" className={linkClass}>
          Go to your home page
        </Link>
      </p>
    </Refusal>
  );
}

/** A page that fell over: the rest of the shell goes on. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Page eyebrow="Error" title="This page could not be shown">
      <ErrorState
        error={error}
        retry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </Page>
  );
}

/** Conditions of a workspace beyond scopes, by the reason that the agency service gives. */
const workspaceWords: Readonly<Record<string, string>> = {
  DEA_NOT_ENABLED: "An agency administrator sees the DEA workspace only while the agency allows it.",
  DEA_GRANT_REQUIRED:
    "An agency administrator sees the DEA workspace under a grant to the person, which ends by itself.",
  BILLING_DISABLED: "An agency administrator sees the CMS workspace while billing is on for the agency.",
};

/** Why a page is not shown to the caller. The address stays, so that it works once the reason is gone. */
export function PageRefused({ verdict, title }: { verdict: Extract<Verdict, { allowed: false }>; title: string }) {
  const lock = <Lock aria-hidden="true" />;
  switch (verdict.why) {
    case "module":
      return (
        <Refusal icon={<Power aria-hidden="true" />} eyebrow="Switched off" title={title}>
          <p>
            The module <strong className="text-text">{verdict.detail}</strong> is switched off for this agency. The
            platform team switches modules on.
          </p>
        </Refusal>
      );
    case "agency":
      return (
        <Refusal icon={lock} eyebrow="Choose an agency" title={title}>
          <p>This page works on one agency at a time.</p>
          <p>
            <Button look="primary" onClick={() => agencyPicker.set("agency")}>
              Choose an agency
            </Button>
          </p>
        </Refusal>
      );
    case "reason":
      return (
        <Refusal icon={lock} eyebrow="Choose an agency" title={title}>
          <p>
            Work on one agency, or give a reason to read across all of them. The reason is written into the audit log.
          </p>
          <p className="flex flex-wrap gap-2">
            <Button look="primary" onClick={() => agencyPicker.set("agency")}>
              Choose an agency
            </Button>
            <Button onClick={() => agencyPicker.set("reason")}>Read across all agencies</Button>
          </p>
        </Refusal>
      );
    case "workspace":
      return (
        <Refusal icon={lock} eyebrow="No access" title={title}>
          <p>
            {workspaceWords[verdict.detail] ??
              "This workspace is open to you only under conditions that are not met at the moment."}
          </p>
          <p>Ask your compliance officer if you need it for your work.</p>
        </Refusal>
      );
    default:
      return (
        <Refusal icon={lock} eyebrow="No access" title="You may not open this page">
          <p>
            Your roles do not include it, and the system refuses the data behind it as well. Ask your agency
            administrator if you need it.
          </p>
          <p>
            <Link to="/" className={linkClass}>
              Go to your home page
            </Link>
          </p>
        </Refusal>
      );
  }
}
