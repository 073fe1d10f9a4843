import { gatewayPost } from "@/api/client";
import { endSession, type EndReason } from "@/api/session";

/** Leaving the page, replaceable because a test cannot leave. */
export const leave = {
  to(address: string): void {
    window.location.assign(address);
  },
};

/** Ends the session at the gateway and at the issuer, in all tabs. The page for signing in shows even when neither answers. */
export async function signOut(reason: EndReason): Promise<void> {
  let location = "";
  try {
    location = (await gatewayPost<{ location?: string }>("/auth/logout")).location ?? "";
  } catch {
    // The session is over already, or nothing answers: in both cases this browser must show nothing more.
  }
  endSession(reason);
  // Only a sign-out that the person asked for visits the issuer: an idle end must leave the page where it was.
  if (reason === "signed-out" && location && location !== "/") leave.to(location);
}

/** Signs in beside a page that stays as it is; false when the browser does not open the window. */
export function signInBeside(): boolean {
  const address = `/auth/login?return=${encodeURIComponent("/signed-in")}`;
  return window.open(address, "fleet-sign-in", "popup,width=480,height=760") !== null;
}

/** Where signing in begins; afterwards the person is back on the page. */
export function signIn(returnTo = window.location.pathname + window.location.search): void {
  const back = returnTo.startsWith("/signed-out") ? "/" : returnTo;
  leave.to(`/auth/login?return=${encodeURIComponent(back)}`);
}
