import { useBlocker } from "@tanstack/react-router";
import { session } from "@/api/session";
import { wouldLose } from "@/api/unsaved";
import { Confirm } from "@/ui";

/** Once the session is over, the page for signing in has asked already. */
const holds = () => session.get().ended === null && wouldLose();

const placeOf = ({ pathname, search }: { pathname: string; search: object }) =>
  `${pathname}?${(search as { agency?: string }).agency ?? ""}`;

/** Asks before a page is left on which something was typed and not saved; filters and tabs of the page leave nothing. */
export function LeaveGuard() {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => holds() && placeOf(current) !== placeOf(next),
    enableBeforeUnload: holds,
    withResolver: true,
  });
  return (
    <Confirm
      open={blocker.status === "blocked"}
      title="Leave without saving?"
      action="Leave anyway"
      danger
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    >
      What you typed on this page is not saved and will be lost.
    </Confirm>
  );
}
