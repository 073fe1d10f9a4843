import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { learnOwner } from "@/api/session";
import { meQuery } from "@/permissions";
import { Brand } from "@/shell/Brand";
import { leave, signIn } from "@/shell/signout";
import { Button } from "@/ui/Button";

/** The end of signing in beside a page that waits: it hears who has signed in, and this window closes. */
export function SignedInPage() {
  const { data: me, error } = useQuery({ ...meQuery, retry: false });
  useEffect(() => {
    if (!me?.subject) return;
    learnOwner(me.subject);
    // A window that no page has opened stays.
    window.close();
  }, [me?.subject]);
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-md rounded-card border border-line bg-card p-8">
        <Brand />
        <h1 className="mt-8 text-xl font-bold">
          {error ? "You are not signed in" : me ? "You are signed in" : "One moment"}
        </h1>
        <p className="mt-2 text-muted">
          {error ? "Begin again here." : "The page that waited for it goes on by itself. This window can be closed."}
        </p>
        {error ? (
          <Button look="primary" className="mt-6 w-full" onClick={() => signIn("/signed-in")}>
            Sign in
          </Button>
        ) : (
          <Button className="mt-6 w-full" onClick={() => leave.to("/")}>
            Open the portal in this window
          </Button>
        )}
      </div>
    </main>
  );
}
