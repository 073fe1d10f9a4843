import { createRoute } from "@tanstack/react-router";
import { executionSearch, reportsSearch } from "@/features/reports/search";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const help = () => import("@/features/reports/help");

const reports = createRoute({
  getParentRoute: () => root,
  path: "/reports",
  validateSearch: reportsSearch,
  component: lazyPage(() => import("@/features/reports/ReportsPage"), "ReportsPage"),
  staticData: { title: "Reports", needs: ["ReportService_ListTemplates", "ReportService_ListExecutions"], help },
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/reports/templates/$template",
  component: lazyPage(() => import("@/features/reports/RunPage"), "RunPage"),
  staticData: { title: "Run a report", needs: ["ReportService_ListTemplates", "ReportService_RunTemplate"], help },
});

const execution = createRoute({
  getParentRoute: () => root,
  path: "/reports/executions/$id",
  validateSearch: executionSearch,
  component: lazyPage(() => import("@/features/reports/ExecutionPage"), "ExecutionPage"),
  staticData: { title: "Report", needs: ["ReportService_GetExecution"], help },
});

/** Routes of src/features/reports. */
export const reportsRoutes = [reports, run, execution] as const;
