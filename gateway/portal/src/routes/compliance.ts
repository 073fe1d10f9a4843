import { createRoute } from "@tanstack/react-router";
import { z } from "zod";
import { alertsSearch, logSearch, overviewSearch } from "@/features/workspace/search";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const editSearch = z.object({
  /** The field that a link leads to. */
  focus: z
    .string()
    .regex(/^[a-zA-Z]{1,40}$/)
    .optional()
    .catch(undefined),
});

const deaPages = () => import("@/features/dea/pages");
const deaHelp = () => import("@/features/dea/help");
const cmsPages = () => import("@/features/cms/pages");
const cmsHelp = () => import("@/features/cms/help");

const dea = [
  createRoute({
    getParentRoute: () => root,
    path: "/dea",
    validateSearch: overviewSearch,
    component: lazyPage(deaPages, "OverviewPage"),
    staticData: { title: "DEA registrations", needs: ["DeaService_GetDeaNotice"], help: deaHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dea/records/new",
    component: lazyPage(deaPages, "NewPage"),
    staticData: { title: "New registration", needs: ["DeaService_CreateDeaMetadata"], help: deaHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dea/records/$id",
    component: lazyPage(deaPages, "RecordPage"),
    staticData: { title: "DEA registration", needs: ["DeaService_GetDeaMetadata"], help: deaHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dea/records/$id/edit",
    validateSearch: editSearch,
    component: lazyPage(deaPages, "EditPage"),
    staticData: { title: "Change registration", needs: ["DeaService_UpdateDeaMetadata"], help: deaHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dea/alerts",
    validateSearch: alertsSearch,
    component: lazyPage(deaPages, "AlertsPage"),
    staticData: { title: "DEA alerts", needs: ["DeaService_ListDeaAlerts"], help: deaHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dea/notes",
    component: lazyPage(deaPages, "NotesPage"),
    staticData: { title: "DEA notes", needs: ["DeaService_ListDeaNotes"], help: deaHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dea/audit-log",
    validateSearch: logSearch,
    component: lazyPage(deaPages, "LogPage"),
    staticData: { title: "DEA audit log", needs: ["DeaService_ListDeaAuditLog"], help: deaHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/dea/access",
    component: lazyPage(() => import("@/features/dea/access"), "AccessPage"),
    staticData: { title: "DEA administrators", needs: ["DeaService_ListDeaGrants"], help: deaHelp },
  }),
] as const;

const cms = [
  createRoute({
    getParentRoute: () => root,
    path: "/cms",
    validateSearch: overviewSearch,
    component: lazyPage(cmsPages, "OverviewPage"),
    staticData: { title: "Medicare enrollments", needs: ["CmsService_GetCmsNotice"], help: cmsHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/cms/records/new",
    component: lazyPage(cmsPages, "NewPage"),
    staticData: { title: "New enrollment", needs: ["CmsService_CreateCmsMetadata"], help: cmsHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/cms/records/$id",
    component: lazyPage(cmsPages, "RecordPage"),
    staticData: { title: "Medicare enrollment", needs: ["CmsService_GetCmsMetadata"], help: cmsHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/cms/records/$id/edit",
    validateSearch: editSearch,
    component: lazyPage(cmsPages, "EditPage"),
    staticData: { title: "Change enrollment", needs: ["CmsService_UpdateCmsMetadata"], help: cmsHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/cms/alerts",
    validateSearch: alertsSearch,
    component: lazyPage(cmsPages, "AlertsPage"),
    staticData: { title: "CMS alerts", needs: ["CmsService_ListCmsAlerts"], help: cmsHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/cms/readiness",
    component: lazyPage(() => import("@/features/cms/readiness"), "ReadinessPage"),
    staticData: { title: "CMS readiness", needs: ["CmsService_GetCmsReadiness"], help: cmsHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/cms/notes",
    component: lazyPage(cmsPages, "NotesPage"),
    staticData: { title: "CMS notes", needs: ["CmsService_ListCmsNotes"], help: cmsHelp },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/cms/audit-log",
    validateSearch: logSearch,
    component: lazyPage(cmsPages, "LogPage"),
    staticData: { title: "CMS audit log", needs: ["CmsService_ListCmsAuditLog"], help: cmsHelp },
  }),
] as const;

/** Routes of src/features/dea and src/features/cms. */
export const complianceRoutes = [...dea, ...cms] as const;
