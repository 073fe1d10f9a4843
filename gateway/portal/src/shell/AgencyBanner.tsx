import { Building2, Layers } from "lucide-react";
import { crossAgencies, useAgencyChoice } from "@/api";
import { useMayCross, useMe } from "@/permissions";
import { Button } from "@/ui";
import { useGoToAgency } from "./AgencySwitcher";

/** Whoever works for an agency that is not their own, or reads across all, sees it on every page. */
export function AgencyBanner() {
  const me = useMe();
  const { agencyId, reason } = useAgencyChoice();
  const go = useGoToAgency();
  if (!useMayCross() || (!agencyId && !reason)) return null;
  return (
    <div role="region" aria-label="Whose data this is" className="border-b border-accent bg-accent-tint text-sm">
      <div className="mx-auto flex max-w-(--content) flex-wrap items-center gap-x-4 gap-y-1 px-4 py-1.5 sm:px-6 lg:px-8">
        {agencyId ? (
          <>
            <Building2 aria-hidden="true" className="size-4 text-accent-text" />
            <p className="min-w-0 flex-1">
              Working for <strong>{me.agency?.displayName ?? `agency ${agencyId}`}</strong>
            </p>
            <Button look="quiet" className="no-print" onClick={() => go(undefined)}>
              Leave agency
            </Button>
          </>
        ) : (
          <>
            <Layers aria-hidden="true" className="size-4 text-accent-text" />
            <p className="min-w-0 flex-1 break-words">
              Reading across <strong>all agencies</strong>. Reason: {reason}
            </p>
            <Button look="quiet" className="no-print" onClick={() => crossAgencies(null)}>
              Stop reading across
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
