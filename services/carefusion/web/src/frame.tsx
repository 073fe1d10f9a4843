import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { signInAddress, signOut, type Role } from "./api/session.ts";
import { SessionGate, useSession } from "./session.tsx";
import { Page } from "./ui/page.tsx";
import { Loading } from "./ui/states.tsx";
import { ThemeButton } from "./ui/theme.tsx";

const areas: Record<Role, readonly (readonly [to: string, name: string])[]> = {
  patient: [
    ["/appointments", "My appointments"],
    ["/find", "Find a provider"],
    ["/profile", "My details"],
  ],
  provider: [
    ["/day", "My day"],
    ["/hours", "My hours"],
    ["/licenses", "My licences"],
  ],
  admin: [
    ["/providers", "Providers"],
    ["/texts", "Consent texts"],
    ["/audit", "Audit log"],
  ],
  billing: [["/encounters", "Visits to bill"]],
};

export const homeOf = (role: Role) => areas[role][0]?.[0] ?? "/";

export function Brand() {
  return (
    <Link to="/" className="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path d="M23.6 9.4A10 10 0 1 0 23.6 22.6" fill="none" stroke="var(--accent)" strokeWidth="4" strokeLinecap="round" />
        <circle cx="22.5" cy="16" r="3.6" fill="var(--stop)" />
      </svg>
      CareFusion
    </Link>
  );
}

function Door({ state, again }: { state: "loading" | "failed" | "out"; again: () => void }) {
  const failed = new URLSearchParams(location.search).get("signin");
  return (
    <>
      <header className="top">
        <div>
          <Brand />
          <div className="account">
            <ThemeButton />
          </div>
        </div>
      </header>
      <main>
        {state === "loading" ? <Loading label="Looking whether you are signed in" /> : null}
        {state === "failed" ? (
          <Page title="No connection" lead="CareFusion does not answer.">
            <div>
              <button type="button" className="button main" onClick={again}>
                Try again
              </button>
            </div>
          </Page>
        ) : null}
        {state === "out" ? (
          <Page title="Care, wherever you are" lead="Book a visit with a clinician who is licensed in your state, and meet by video.">
            {failed ? (
              <p role="alert" className="note bad">
                {failed === "expired"
                  ? "Signing in took too long. Please start again."
                  : "Signing in did not work, or this login has no part in CareFusion."}
              </p>
            ) : null}
            <div>
              <a className="button main" href={signInAddress(failed ? "/" : location.pathname)}>
                Sign in
              </a>
            </div>
            <p className="soft">In an emergency call 911. CareFusion is not for emergencies.</p>
          </Page>
        ) : null}
      </main>
    </>
  );
}

export function Frame() {
  return (
    <SessionGate door={(state, again) => <Door state={state} again={again} />}>
      <Inside />
    </SessionGate>
  );
}

function Inside() {
  const session = useSession();
  const client = useQueryClient();
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (s) => s.location.pathname });
  const before = useRef(path);
  useEffect(() => {
    // Who follows a link with a screen reader is told where they are.
    if (before.current !== path) main.current?.focus();
    before.current = path;
  }, [path]);
  const leave = async () => {
    try {
      await signOut();
    } finally {
      client.clear();
      location.assign("/");
    }
  };
  return (
    <>
      <a href="#main" className="skip">
        Skip to content
      </a>
      <header className="top">
        <div>
          <Brand />
          <nav aria-label="Areas">
            <ul>
              {session.role === ""
                ? null
                : areas[session.role].map(([to, name]) => (
                    <li key={to}>
                      <Link to={to} activeProps={{ "aria-current": "page" }}>
                        {name}
                      </Link>
                    </li>
                  ))}
            </ul>
          </nav>
          <div className="account">
            <span className="badge">{session.role}</span>
            <ThemeButton />
            <button type="button" className="button small" onClick={() => void leave()}>
              Sign out
            </button>
          </div>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}
