import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, Navigate, type RouteComponent } from "@tanstack/react-router";
import type { Role } from "./api/session.ts";
import { Frame, homeOf } from "./frame.tsx";
import { useSession } from "./session.tsx";
import { Page } from "./ui/page.tsx";
import { Loading } from "./ui/states.tsx";

const root = createRootRoute({
  component: Frame,
  notFoundComponent: () => (
    <Page title="There is no such page">
      <p>
        <Link to="/">Go to the first page</Link>
      </p>
    </Page>
  ),
});

function Home() {
  const { role } = useSession();
  return role === "" ? null : <Navigate to={homeOf(role)} replace />;
}

/** A page for some roles. The service decides what may be done; this only tells others what the page is for. */
function only(roles: readonly Role[], Shown: RouteComponent): RouteComponent {
  return function Guarded() {
    const { role } = useSession();
    if (role !== "" && roles.includes(role)) return <Shown />;
    return (
      <Page title="Not for this login" lead={`This page is for the role ${roles.join(" or ")}; you are signed in as ${role}.`}>
        <p>
          <Link to="/">Go to my first page</Link>
        </p>
      </Page>
    );
  };
}

const pages: Record<string, readonly [roles: readonly Role[], RouteComponent]> = {
  "/appointments": [["patient"], lazyRouteComponent(() => import("./features/patient/Appointments.tsx"), "Appointments")],
  "/find": [["patient"], lazyRouteComponent(() => import("./features/patient/Find.tsx"), "Find")],
  "/profile": [["patient"], lazyRouteComponent(() => import("./features/patient/Profile.tsx"), "Profile")],
  "/visits/$id": [["patient", "provider"], lazyRouteComponent(() => import("./features/visit/Visit.tsx"), "Visit")],
  "/day": [["provider"], lazyRouteComponent(() => import("./features/provider/Day.tsx"), "Day")],
  "/hours": [["provider"], lazyRouteComponent(() => import("./features/provider/Hours.tsx"), "Hours")],
  "/licenses": [["provider"], lazyRouteComponent(() => import("./features/provider/Licenses.tsx"), "Licenses")],
  "/providers": [["admin"], lazyRouteComponent(() => import("./features/admin/Providers.tsx"), "Providers")],
  "/texts": [["admin"], lazyRouteComponent(() => import("./features/admin/Texts.tsx"), "Texts")],
  "/audit": [["admin"], lazyRouteComponent(() => import("./features/admin/Audit.tsx"), "Audit")],
  "/encounters": [["billing"], lazyRouteComponent(() => import("./features/billing/Encounters.tsx"), "Encounters")],
  "/encounters/$id": [["billing"], lazyRouteComponent(() => import("./features/billing/Encounter.tsx"), "Encounter")],
};

const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: Home }),
  ...Object.entries(pages).map(([path, [roles, shown]]) => createRoute({ getParentRoute: () => root, path, component: only(roles, shown) })),
];

/** A mistake of the page itself, or a part of it that did not arrive after an update. */
function Broken() {
  return (
    <Page title="This page does not work" lead="Nothing that was saved is lost. Load it again; if that does not help, tell support what you did.">
      <div>
        <button type="button" className="button main" onClick={() => location.reload()}>
          Load again
        </button>
      </div>
    </Page>
  );
}

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: Broken,
});
