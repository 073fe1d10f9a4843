/** What the edge tells of the session; the tokens are in cookies that no script reads. */
export interface Session {
  readonly signedIn: boolean;
  readonly subject: string;
  readonly role: Role | "";
  readonly renewable: boolean;
  readonly seconds: number;
}

export type Role = "patient" | "provider" | "admin" | "billing";

const none: Session = { signedIn: false, subject: "", role: "", renewable: false, seconds: 0 };

async function ask(path: string, method: "GET" | "POST"): Promise<Session> {
  const response = await fetch(path, { method, cache: "no-store" });
  if (!response.ok) throw new Error("The service does not answer.");
  return { ...none, ...((await response.json()) as Partial<Session>) };
}

/** Reads the session, and brings it back if it ran out. */
export async function readSession(): Promise<Session> {
  const now = await ask("/auth/session", "GET");
  return now.signedIn || !now.renewable ? now : renew();
}

/**
 * Renews the session: one window at a time, since a refresh token is good once. Who had to wait looks first whether it was
 * renewed meanwhile.
 */
export function renew(atMost = 30): Promise<Session> {
  return navigator.locks.request("carefusion-renew", async () => {
    const now = await ask("/auth/session", "GET");
    if (now.signedIn && now.seconds > atMost) return now;
    return now.renewable ? ask("/auth/refresh", "POST") : now;
  });
}

export const signOut = () => ask("/auth/logout", "POST");

/** Where a person signs in and then comes back to this address. */
export const signInAddress = (to: string) => `/auth/login?to=${encodeURIComponent(to)}`;
