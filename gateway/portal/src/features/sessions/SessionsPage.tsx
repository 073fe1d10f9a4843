import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { LogOut, MonitorX } from "lucide-react";
import { useState } from "react";
import { ApiProblem } from "@/api";
import { signOut } from "@/shell/signout";
import { Time } from "@/time";
import {
  Button,
  Confirm,
  DataList,
  EmptyState,
  Page,
  rowsOf,
  Section,
  StatusBadge,
  toast,
  toastError,
  type Column,
} from "@/ui";
import { endOne, endOthers, sessionsQuery, type Session } from "./queries";

const columnsWith = (ask: (session: Session) => void): readonly Column<Session>[] => [
  {
    id: "device",
    header: "Device",
    rowHeader: true,
    cell: (s) => (
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {s.device}
        {s.current ? <StatusBadge tone="success">This session</StatusBadge> : null}
      </span>
    ),
  },
  {
    id: "address",
    header: "Address",
    cell: (s) => <span className="font-mono text-xs whitespace-nowrap">{s.address}</span>,
  },
  { id: "seen", header: "Last seen", cell: (s) => <Time value={s.lastSeenTime} /> },
  {
    id: "signed-in",
    header: "Signed in",
    cell: (s) => (
      <>
        <Time value={s.createTime} />
        {s.authTime && s.createTime && Date.parse(s.authTime) - Date.parse(s.createTime) > 60_000 ? (
          <span className="block text-xs text-faint">
            confirmed again <Time value={s.authTime} />
          </span>
        ) : null}
      </>
    ),
  },
  {
    id: "end",
    header: "Action",
    width: "w-36",
    cell: (s) =>
      s.current ? (
        <Button onClick={() => void signOut("signed-out")}>
          <LogOut aria-hidden="true" className="size-4" />
          Sign out
        </Button>
      ) : (
        <Button aria-label={`End the session of ${s.device ?? "an unknown device"}`} onClick={() => ask(s)}>
          <MonitorX aria-hidden="true" className="size-4" />
          End
        </Button>
      ),
  },
];

/** Where the person is signed in, and the means to end it. */
export function SessionsPage() {
  const client = useQueryClient();
  const query = useInfiniteQuery(sessionsQuery);
  const [one, setOne] = useState<Session | null>(null);
  const [all, setAll] = useState(false);
  const rows = rowsOf(query, (page) => page.sessions);
  const others = rows?.filter((s) => !s.current).length ?? 0;

  const end = useMutation({
    mutationFn: (session: Session) => endOne(session.id ?? ""),
    onSuccess: () => toast("success", "The session is ended"),
    onError: (error) => {
      // It ended by itself meanwhile: that is what was wanted.
      if (error instanceof ApiProblem && error.reason === "SESSION_NOT_FOUND")
        toast("info", "The session had ended already");
      else toastError(error);
    },
    onSettled: () => {
      setOne(null);
      return client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const endAll = useMutation({
    mutationFn: endOthers,
    onSuccess: ({ ended = 0 }) => toast("success", ended === 1 ? "1 session is ended" : `${ended} sessions are ended`),
    onError: toastError,
    onSettled: () => {
      setAll(false);
      return client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });

  return (
    <Page
      eyebrow="Account"
      title="My sessions"
      lead="Browsers in which you are signed in. One that you do not know: end it, change your password, and report it."
      actions={
        <Button look="danger" disabled={others === 0} onClick={() => setAll(true)}>
          End all others
        </Button>
      }
    >
      <Section title="Signed in" note="An ended session is refused everywhere within seconds" flush>
        <DataList
          caption="My sessions"
          query={query}
          rows={rows}
          rowKey={(s) => s.id ?? ""}
          columns={columnsWith(setOne)}
          skeletonRows={3}
          empty={
            <EmptyState title="No browser session">
              This page was opened with an access token, and you are signed in nowhere else.
            </EmptyState>
          }
        />
      </Section>
      <Confirm
        open={one !== null}
        title="End this session?"
        action="End session"
        danger
        pending={end.isPending}
        onConfirm={() => one && end.mutate(one)}
        onClose={() => setOne(null)}
      >
        {one?.device} at {one?.address} is signed out at once. What was typed there and not saved is lost.
      </Confirm>
      <Confirm
        open={all}
        title="End all other sessions?"
        action="End all others"
        danger
        pending={endAll.isPending}
        onConfirm={() => endAll.mutate()}
        onClose={() => setAll(false)}
      >
        Every browser but this one is signed out at once. What was typed there and not saved is lost.
      </Confirm>
    </Page>
  );
}
