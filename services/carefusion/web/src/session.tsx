import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, type ReactNode } from "react";
import { readSession, renew, type Session } from "./api/session.ts";

const Context = createContext<Session | undefined>(undefined);

/** The session of whoever is signed in; only below SessionGate. */
export function useSession(): Session {
  const session = use(Context);
  if (!session) throw new Error("useSession outside of SessionGate");
  return session;
}

/** Renewed so long before its end that a slow network does not matter. */
const early = 90;

/** Shows its children to who is signed in and the door to everybody else, and keeps the session from running out. */
export function SessionGate({
  door,
  children,
}: {
  door: (state: "loading" | "failed" | "out", again: () => void) => ReactNode;
  children: ReactNode;
}) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["session"], queryFn: readSession, staleTime: Infinity, retry: 2 });
  const { data, dataUpdatedAt } = query;
  useEffect(() => {
    if (!data?.signedIn) return;
    const wait = Math.max(5, data.seconds - early) * 1000;
    const timer = setTimeout(() => {
      renew(early)
        .then((s) => {
          // Without a refresh token the session ends when its token does, and not before.
          if (s.signedIn || !s.renewable) client.setQueryData(["session"], s);
        })
        .catch(() => client.invalidateQueries({ queryKey: ["session"] }));
    }, wait);
    return () => clearTimeout(timer);
  }, [client, data, dataUpdatedAt]);
  if (data?.signedIn) return <Context value={data}>{children}</Context>;
  const state = query.isPending ? "loading" : query.error ? "failed" : "out";
  return <>{door(state, () => void query.refetch())}</>;
}
