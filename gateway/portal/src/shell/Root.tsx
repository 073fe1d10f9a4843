import { useQuery, useQueryClient } from "@tanstack/react-query";
import { HeadContent, Outlet, useMatches, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { ApiProblem, useAgencyChoice } from "@/api";
import { learnOwner, session } from "@/api/session";
import { useStore } from "@/api/store";
import { SignedOut, SignInAgain } from "@/features/session/SignedOutPage";
import { mayCross, meQuery, useMe } from "@/permissions";
import { ErrorState, SkeletonLines, toastError } from "@/ui";
import { Toasts } from "@/ui/toast";
import { judgePage } from "./guard";
import { PageRefused } from "./failures";
import { LeaveGuard } from "./LeaveGuard";
import { SessionKeeper } from "./SessionKeeper";
import { Shell } from "./Shell";
import { StepUpDialog } from "./StepUpDialog";

/** Decides between the page, the page for signing in, and saying that nothing answers. */
export function Root() {
  const matches = useMatches();
  const leaf = matches[matches.length - 1];
  const title = leaf?.staticData.title;
  useEffect(() => {
    document.title = title ? `${title} · FusionEMS Quantum` : "FusionEMS Quantum";
  }, [title]);
  return (
    <>
      <HeadContent />
      {leaf?.staticData.bare ? <Outlet /> : <Guarded />}
      <Toasts />
    </>
  );
}

function Guarded() {
  const { ended, kept } = useStore(session);
  const client = useQueryClient();
  const {
    data: me,
    error,
    refetch,
  } = useQuery({ ...meQuery, enabled: ended === null, refetchInterval: ended ? false : 120_000 });
  useWrongAgency(error);
  useEffect(() => {
    if (me?.subject) learnOwner(me.subject);
  }, [me?.subject]);
  if (ended && !kept) return <SignedOut reason={ended} />;
  if (me) {
    return (
      <>
        {ended ? <SignInAgain reason={ended} /> : null}
        <div hidden={ended !== null}>
          <Shell>
            <SessionKeeper />
            <StepUpDialog />
            <LeaveGuard />
            <CurrentPage />
          </Shell>
        </div>
      </>
    );
  }
  return (
    <main className="mx-auto max-w-xl p-8">
      {error ? (
        <ErrorState
          error={error}
          retry={() => {
            client.clear();
            void refetch();
          }}
        />
      ) : (
        <SkeletonLines lines={3} />
      )}
    </main>
  );
}

/** An address that names an agency which is not the caller's: the parameter is dropped and the page stays. */
function useWrongAgency(error: unknown): void {
  const navigate = useNavigate();
  const { agencyId } = useAgencyChoice();
  const wrong =
    agencyId !== null &&
    error instanceof ApiProblem &&
    ["AGENCY_MISMATCH", "CROSS_AGENCY_NOT_ALLOWED", "AGENCY_ID_INVALID", "AGENCY_UNKNOWN"].includes(error.reason);
  useEffect(() => {
    if (!wrong) return;
    toastError(error);
    void navigate({ to: ".", search: ((old: object) => ({ ...old, agency: undefined })) as never, replace: true });
  }, [wrong, error, navigate]);
}

function CurrentPage() {
  const me = useMe();
  const choice = useAgencyChoice();
  const matches = useMatches();
  const leaf = matches[matches.length - 1];
  // Between two agencies the caller's modules are still those of the one before.
  if (mayCross(me) && (me.agency?.id ?? null) !== choice.agencyId) return <SkeletonLines lines={6} />;
  const verdict = judgePage(leaf?.staticData.needs ?? [], me, choice);
  if (!verdict.allowed) return <PageRefused verdict={verdict} title={leaf?.staticData.title ?? "This page"} />;
  return <Outlet key={`${choice.agencyId ?? ""}|${choice.reason ?? ""}`} />;
}
