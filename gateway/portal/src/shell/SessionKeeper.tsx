import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, background } from "@/api";
import { learnSession, session } from "@/api/session";
import { useStore } from "@/api/store";
import { Button, Dialog } from "@/ui";
import { toastError } from "@/ui/toast";
import { signOut } from "./signout";

/** How long before the end of an idle session the warning shows. */
export const warningMs = 120_000;

/** What is on the screen of a device whose session was ended from elsewhere is seen no longer than this. */
export const lookEveryMs = 15_000;

/** A person who types without calling the server is at work; the gateway hears of it at most this often. */
const extendEveryMs = 5 * 60_000;

async function readSession(signal: AbortSignal) {
  const { data, response } = await api.GET("/api/session", { signal, ...background });
  learnSession(data ?? {}, Date.parse(response.headers.get("Date") ?? "") || Date.now());
  return data ?? null;
}

async function extend(): Promise<void> {
  const { data, response } = await api.POST("/api/session:extend", { body: {} });
  learnSession(data ?? {}, Date.parse(response.headers.get("Date") ?? "") || Date.now());
}

/** Watches the session's clocks: warns before the idle end, extends with one click, and clears the page when it is over. */
export function SessionKeeper() {
  // A caller by token (machines, the development server) has no session to watch; then the query fails and nothing is shown.
  useQuery({
    queryKey: ["me", "session"],
    queryFn: ({ signal }) => readSession(signal),
    retry: false,
    refetchInterval: lookEveryMs,
  });
  const { ended, idleEnd, end } = useStore(session);
  const now = useClock(idleEnd > 0);
  useExtendWhileTyping(idleEnd);
  const until = Math.min(idleEnd, end || idleEnd);
  const left = until - now;
  const watching = idleEnd > 0;
  const over = watching && left <= 0;
  useEffect(() => {
    if (over) void endNow(idleEnd, end);
  }, [over, idleEnd, end]);
  return (
    <IdleWarning
      open={ended === null && watching && left > 0 && left <= warningMs}
      secondsLeft={Math.max(0, Math.ceil(left / 1000))}
      final={end > 0 && end <= idleEnd}
    />
  );
}

/** Another tab may have been at work without this one hearing of it: the gateway has the last word. */
async function endNow(idleEnd: number, end: number): Promise<void> {
  try {
    await readSession(new AbortController().signal);
    if (Math.min(session.get().idleEnd, session.get().end || Infinity) > Date.now() + 1000) return;
  } catch {
    // Ended there too, or no answer: either way nothing may stay on the screen.
  }
  if (!session.get().ended) await signOut(end > 0 && end <= idleEnd ? "expired" : "idle");
}

function useClock(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

function useExtendWhileTyping(idleEnd: number): void {
  const last = useRef(0);
  useEffect(() => {
    if (idleEnd === 0) return;
    last.current = Date.now();
    const onInput = () => {
      const left = session.get().idleEnd - Date.now();
      // Once the warning shows, only its button counts: a stray key must not hide it.
      if (left <= warningMs || Date.now() - last.current < extendEveryMs) return;
      last.current = Date.now();
      void extend().catch(() => undefined);
    };
    document.addEventListener("keydown", onInput, { passive: true });
    document.addEventListener("pointerdown", onInput, { passive: true });
    return () => {
      document.removeEventListener("keydown", onInput);
      document.removeEventListener("pointerdown", onInput);
    };
  }, [idleEnd]);
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function IdleWarning({ open, secondsLeft, final }: { open: boolean; secondsLeft: number; final: boolean }) {
  const [pending, setPending] = useState(false);
  const stay = () => {
    setPending(true);
    extend()
      .catch(toastError)
      .finally(() => setPending(false));
  };
  return (
    <Dialog
      open={open}
      insist
      onClose={stay}
      size="small"
      title={final ? "Your session is about to end" : "Are you still there?"}
      footer={
        <>
          <Button onClick={() => void signOut("signed-out")}>Sign out</Button>
          {final ? null : (
            <Button look="primary" pending={pending} onClick={stay}>
              Stay signed in
            </Button>
          )}
        </>
      }
    >
      <p className="text-muted">
        {final
          ? "A session lasts 12 hours at most. Save your work; after signing in again you are back on this page."
          : "Nothing has happened for a while. To protect patient data you will be signed out."}
      </p>
      <p className="mt-3 font-display text-2xl font-semibold tabular-nums" role="timer" aria-live="off">
        {clock(secondsLeft)}
      </p>
      <p className="sr-only" aria-live="assertive">
        {secondsLeft > 0 && secondsLeft % 30 === 0 ? `${secondsLeft} seconds left` : ""}
      </p>
    </Dialog>
  );
}
