import { createStore } from "./store";

/** Why there is no session any more; shown on the page for signing in. */
export type EndReason = "signed-out" | "idle" | "expired" | "ended" | "missing";

export interface SessionState {
  /** Set as soon as the session is known to be over. */
  readonly ended: EndReason | null;
  /** When the gateway will end the session unless something is done, in milliseconds of this browser's clock; 0 = unknown. */
  readonly idleEnd: number;
  /** When it ends in any case. */
  readonly end: number;
}

export const session = createStore<SessionState>({ ended: null, idleEnd: 0, end: 0 });

/** How long the gateway waits for activity; learnt from the session itself. */
let idleWindow = 0;

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("fleet-session");

interface TabMessage {
  type: "activity" | "ended";
  idleEnd?: number;
  reason?: EndReason;
}

channel?.addEventListener("message", (event: MessageEvent<TabMessage>) => {
  const { type, idleEnd, reason } = event.data;
  if (type === "activity" && idleEnd) setIdleEnd(idleEnd);
  if (type === "ended") session.set({ ...session.get(), ended: reason ?? "ended" });
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
  session.set({ ended: null, idleEnd, end });
}

/** Every call that is not polling starts the idle clock of the gateway anew. */
export function noteActivity(): void {
  if (idleWindow === 0) return;
  const idleEnd = Date.now() + idleWindow;
  setIdleEnd(idleEnd);
  channel?.postMessage({ type: "activity", idleEnd } satisfies TabMessage);
}

/** Ends the session in this tab and in all others. */
export function endSession(reason: EndReason): void {
  if (session.get().ended) return;
  session.set({ ...session.get(), ended: reason });
  if (reason !== "missing") channel?.postMessage({ type: "ended", reason } satisfies TabMessage);
}

/** For tests: as if the page had just been loaded. */
export function forgetSession(): void {
  idleWindow = 0;
  session.set({ ended: null, idleEnd: 0, end: 0 });
}

export function endReasonOf(problemReason: string): EndReason {
  switch (problemReason) {
    case "SESSION_IDLE":
      return "idle";
    case "SESSION_EXPIRED":
      return "expired";
    case "SESSION_ENDED":
      return "ended";
    default:
      return "missing";
  }
}
