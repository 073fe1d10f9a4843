import { createRoute, redirect } from "@tanstack/react-router";
import { meQuery } from "@/permissions";
import { landingOf } from "@/shell/landing";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

/** The address without a path leads to where the role of the caller works. */
const landing = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ context }) => {
    const me = await context.queryClient.query({ ...meQuery, staleTime: "static" }).catch(() => null);
    // Not signed in: the shell says so.
    if (me) throw redirect({ to: landingOf(me) as never, replace: true });
  },
  component: () => null,
  staticData: { title: "Home" },
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/home",
  component: lazyPage(() => import("@/features/home/AgencyHomePage"), "AgencyHomePage"),
  staticData: { title: "Home", needs: ["MeService_GetMe"], help: () => import("@/features/home/help") },
});

const founder = createRoute({
  getParentRoute: () => root,
  path: "/founder",
  component: lazyPage(() => import("@/features/home/FounderHomePage"), "FounderHomePage"),
  staticData: { title: "Platform", needs: ["AgencyService_ListAgencies"], help: () => import("@/features/home/help") },
});

/** Routes of src/features/home. */
export const homeRoutes = [landing, home, founder] as const;
