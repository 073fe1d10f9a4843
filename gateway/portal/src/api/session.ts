import { createStore } from "./store";
import { hasUnsaved } from "./unsaved";

/** Why there is no session any more; shown on the page for signing in. */
export type EndReason = "signed-out" | "idle" | "expired" | "ended" | "missing" | "unknown" | "replaced";

export interface SessionState {
  /** Set as soon as the session is known to be over. */
  readonly ended: EndReason | null;
  /** Something typed and not saved stays behind the page for signing in, until its person is back. */
  readonly kept: boolean;
  /** When the gateway will end the session unless something is done, in milliseconds of this browser's clock; 0 = unknown. */
  readonly idleEnd: number;
  /** When it ends in any case. */
  readonly end: number;
}

const unknown: SessionState = { ended: null, kept: false, idleEnd: 0, end: 0 };

export const session = createStore<SessionState>(unknown);

/** How long the gateway waits for activity; learnt from the session itself. */
let idleWindow = 0;

/** Whose page this is: its subject, once the gateway has said so. */
let owner = "";

/** How long what was typed waits for its person. */
export const keepMs = 60 * 60_000;
let keeping: ReturnType<typeof setTimeout> | undefined;

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("fleet-session");

interface TabMessage {
  type: "activity" | "ended" | "begun";
  idleEnd?: number;
  reason?: EndReason;
  subject?: string;
}

channel?.addEventListener("message", (event: MessageEvent<TabMessage>) => {
  const { type, idleEnd, reason, subject } = event.data;
  if (type === "activity" && idleEnd) setIdleEnd(idleEnd);
  if (type === "ended") over(reason ?? "ended");
  if (type === "begun" && subject) begun(subject);
});

function setIdleEnd(idleEnd: number): void {
  const now = session.get();
  if (idleEnd > now.idleEnd) session.set({ ...now, idleEnd });
}

/** The gateway's times are on its clock; `serverNow` is what that clock said when it answered. */
export function learnSession(s: { idleExpireTime?: string; expireTime?: string }, serverNow: number): void {
  const offset = Date.now() - serverNow;
  const idleEnd = s.idleExpireTime ? Date.parse(s.idleExpireTime) + offset : 0;
  const end = s.expireTime ? Date.parse(s.expireTime) + offset : 0;
  idleWindow = Math.max(idleWindow, idleEnd - Date.now());
  session.set({ ...unknown, idleEnd, end });
}

/** Says to this tab and to all others who is signed in. A browser has one session: tabs of somebody else end, own ones go on. */
export function learnOwner(subject: string): void {
  if (owner === subject) return;
  if (owner) {
    begun(subject);
    return;
  }
  owner = subject;
  channel?.postMessage({ type: "begun", subject } satisfies TabMessage);
}

function begun(subject: string): void {
  if (!owner) return;
  if (subject !== owner) over("replaced");
  else if (session.get().ended) {
    clearTimeout(keeping);
    session.set(unknown);
  }
}

/** Every call that is not polling starts the idle clock of the gateway anew. */
export function noteActivity(): void {
  if (idleWindow === 0) return;
  const idleEnd = Date.now() + idleWindow;
  setIdleEnd(idleEnd);
  channel?.postMessage({ type: "activity", idleEnd } satisfies TabMessage);
}

/** Ends that the person may have missed while typing. Of the others one was wanted, and the rest may be a thief's page. */
const resumable: readonly EndReason[] = ["idle", "expired", "missing", "unknown"];

function over(reason: EndReason): void {
  const now = session.get();
  // Another person's session ends what was kept as well.
  if (now.ended && !(now.kept && !resumable.includes(reason))) return;
  const kept = owner !== "" && resumable.includes(reason) && hasUnsaved();
  clearTimeout(keeping);
  if (kept) keeping = setTimeout(() => session.set({ ...session.get(), kept: false }), keepMs);
  session.set({ ...now, ended: reason, kept });
}

/** Ends the session in this tab and in all others. */
export function endSession(reason: EndReason): void {
  if (session.get().ended) return;
  over(reason);
  if (reason !== "missing" && reason !== "unknown")
    channel?.postMessage({ type: "ended", reason } satisfies TabMessage);
}

/** For tests: as if the page had just been loaded. */
export function forgetSession(): void {
  idleWindow = 0;
  owner = "";
  clearTimeout(keeping);
  session.set(unknown);
}

export function endReasonOf(problemReason: string): EndReason {
  switch (problemReason) {
    case "SESSION_IDLE":
      return "idle";
    case "SESSION_EXPIRED":
      return "expired";
    case "SESSION_ENDED":
      return "ended";
    case "SESSION_UNKNOWN":
      // A page that has just been opened has nothing to explain; one that was at work has.
      return owner ? "unknown" : "missing";
    default:
      return "missing";
  }
}
