import { createRoute } from "@tanstack/react-router";
import { z } from "zod";
import { SignedInPage } from "@/features/session/SignedInPage";
import { SignedOutPage } from "@/features/session/SignedOutPage";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const signedOut = createRoute({
  getParentRoute: () => root,
  path: "/signed-out",
  validateSearch: z.object({ reason: z.string().max(40).optional().catch(undefined) }),
  component: SignedOutPage,
  staticData: { title: "Signed out", bare: true },
});

const signedIn = createRoute({
  getParentRoute: () => root,
  path: "/signed-in",
  component: SignedInPage,
  staticData: { title: "Signed in", bare: true },
});

const about = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyPage(() => import("@/features/session/AccountPage"), "AccountPage"),
  staticData: { title: "My account", needs: ["MeService_GetMe"], help: () => import("@/features/session/help") },
});

const sessions = createRoute({
  getParentRoute: () => root,
  path: "/sessions",
  component: lazyPage(() => import("@/features/sessions/SessionsPage"), "SessionsPage"),
  staticData: {
    title: "My sessions",
    needs: ["SessionService_ListSessions"],
    help: () => import("@/features/sessions/help"),
  },
});

/** Routes of src/features/session and sessions: signing out, the person's own account, and where they are signed in. */
export const sessionRoutes = [signedOut, signedIn, about, sessions] as const;
