import { useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Brand } from "@/shell/Brand";
import { leave, signIn, signInBeside } from "@/shell/signout";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

const words: Readonly<Record<string, { title: string; text: string }>> = {
  "signed-out": { title: "You are signed out", text: "Close the window if others use this computer." },
  idle: {
    title: "You were signed out",
    text: "Nothing had happened for 15 minutes. After signing in you are back where you were.",
  },
  expired: {
    title: "Your session has ended",
    text: "A session lasts 12 hours at most. After signing in you are back where you were.",
  },
  ended: {
    title: "Your session was ended",
    text: "It was ended from another device or by an administrator. If that was not you, report it.",
  },
  unknown: {
    title: "You were signed out",
    text: "This session is not known any more. After signing in you are back where you were.",
  },
  replaced: {
    title: "Somebody else has signed in",
    text: "Another person has signed in in this browser since, which ended the session of this page.",
  },
  missing: { title: "Sign in to continue", text: "Taking you to the sign-in page." },
};

/** Reasons of a sign-in that did not come about, in the words of the gateway's address. */
const failures: Readonly<Record<string, string>> = {
  "sign-in-denied": "The identity provider did not let you in.",
  "sign-in-state-invalid": "The sign-in took too long or was begun in another window. Begin again here.",
  "sign-in-failed": "The identity provider's answer could not be used. Try again in a minute.",
  "other-person": "Another person signed in than the one whose session it was, so the session was ended.",
  "rate-limited": "There were too many tries in a short time. Wait a minute, then try again.",
  "sessions-unavailable": "Sessions cannot be opened at the moment. Try again in a minute.",
  "issuer-unavailable": "The identity provider does not answer. Try again in a minute.",
  "second-factor-required": "A second factor is required. Sign in again and give its code.",
};

const other = { title: "Signing in did not work", text: "Try again. If it stays, report when it happened." };

const wordsOf = (reason: string) =>
  words[reason] ?? (failures[reason] ? { title: other.title, text: failures[reason] } : other);

/** In the place of a page when the session is over. */
export function SignedOut({ reason }: { reason: string }) {
  const { title, text } = wordsOf(reason);
  useEffect(() => {
    document.title = "Signed out · FusionEMS Quantum";
    // Nobody was signed in: there is nothing to explain.
    if (reason === "missing") signIn();
  }, [reason]);
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-md rounded-card border border-line bg-card p-8">
        <Brand />
        <h1 className="mt-8 text-xl font-bold">{title}</h1>
        <p className="mt-2 text-muted">{text}</p>
        {reason === "replaced" ? (
          <Button look="primary" className="mt-6 w-full" onClick={() => leave.to("/")}>
            Continue as who is signed in now
          </Button>
        ) : (
          <Button look="primary" className="mt-6 w-full" onClick={() => signIn()}>
            Sign in
          </Button>
        )}
      </div>
    </main>
  );
}

/** In front of a page on which something was typed and not saved: it is hidden, and goes on once its person has signed in. */
export function SignInAgain({ reason }: { reason: string }) {
  const [opened, setOpened] = useState<boolean | null>(null);
  const open = () => setOpened(signInBeside());
  return (
    <Dialog
      open
      insist
      onClose={open}
      size="small"
      title={reason === "missing" ? "You were signed out" : wordsOf(reason).title}
      footer={
        <>
          <Button onClick={() => signIn()}>Discard it and sign in</Button>
          <Button look="primary" onClick={open}>
            {opened ? "Open the window again" : "Sign in and go on"}
          </Button>
        </>
      }
    >
      <p className="text-muted">
        What you typed is not saved, but it is still here for an hour. Sign in as the same person in a window of its
        own, and go on where you were.
      </p>
      <p role="status" className="mt-3 min-h-5 text-sm text-faint">
        {opened === null
          ? ""
          : opened
            ? "Waiting for the sign-in window."
            : "The browser did not open the window. Allow pop-ups for this address, or sign in in another tab."}
      </p>
    </Dialog>
  );
}

/** The address to which the gateway sends after signing out and when signing in fails. */
export function SignedOutPage() {
  const { reason } = useSearch({ from: "/signed-out" });
  // "missing" would send on to sign in at once, which is what failed or what was just left.
  return <SignedOut reason={reason === undefined || reason === "missing" ? "signed-out" : reason} />;
}
