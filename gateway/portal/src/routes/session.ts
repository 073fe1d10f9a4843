import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { SignedOutPage } from "@/features/session/SignedOutPage";
import { root } from "./root";

const signedOut = createRoute({
  getParentRoute: () => root,
  path: "/signed-out",
  validateSearch: z.object({ reason: z.string().max(40).optional().catch(undefined) }),
  component: SignedOutPage,
  staticData: { title: "Signed out", bare: true },
});

const about = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("@/features/session/AccountPage"), "AccountPage"),
  staticData: { title: "My account", needs: ["MeService_GetMe"], help: () => import("@/features/session/help") },
});

/** Routes of src/features/session: signing out, and the person's own account. */
export const sessionRoutes = [signedOut, about] as const;
