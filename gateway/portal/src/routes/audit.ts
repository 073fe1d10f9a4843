import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { auditSearch } from "@/features/audit/search";
import { root } from "./root";

const help = () => import("@/features/audit/help");

const log = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("@/features/audit/AuditPage"), "AuditPage"),
  staticData: { title: "Audit", needs: ["EventService_ListEvents"], help },
});

const entry = createRoute({
  getParentRoute: () => root,
  path: "/audit/events/$id",
  component: lazyRouteComponent(() => import("@/features/audit/EventPage"), "EventPage"),
  staticData: { title: "Audit entry", needs: ["EventService_GetEvent", "EventService_GetInclusionProof"], help },
});

/** Routes of src/features/audit. */
export const auditRoutes = [log, entry] as const;
