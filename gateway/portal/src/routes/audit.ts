import { createRoute } from "@tanstack/react-router";
import { auditSearch } from "@/features/audit/search";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const help = () => import("@/features/audit/help");

const log = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: auditSearch,
  component: lazyPage(() => import("@/features/audit/AuditPage"), "AuditPage"),
  staticData: { title: "Audit", needs: ["EventService_ListEvents"], help },
});

const entry = createRoute({
  getParentRoute: () => root,
  path: "/audit/events/$id",
  component: lazyPage(() => import("@/features/audit/EventPage"), "EventPage"),
  staticData: { title: "Audit entry", needs: ["EventService_GetEvent", "EventService_GetInclusionProof"], help },
});

/** Routes of src/features/audit. */
export const auditRoutes = [log, entry] as const;
