import { createRoute } from "@tanstack/react-router";
import { z } from "zod";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .optional()
  .catch(undefined);

const charts = createRoute({
  getParentRoute: () => root,
  path: "/charts",
  // First and last day of notification. Numbers of records are searched for without the address.
  validateSearch: z.object({ from: day, to: day }),
  component: lazyPage(() => import("@/features/charts/ChartsPage"), "ChartsPage"),
  staticData: { title: "Charts", needs: ["ChartService_ListCharts"], help: () => import("@/features/charts/help") },
});

const importing = createRoute({
  getParentRoute: () => root,
  path: "/charts/import",
  component: lazyPage(() => import("@/features/charts/import/ImportPage"), "ImportPage"),
  staticData: {
    title: "Import charts",
    needs: ["ChartService_ImportCharts"],
    help: () => import("@/features/charts/import/help"),
  },
});

const chart = createRoute({
  getParentRoute: () => root,
  path: "/charts/$chartId",
  component: lazyPage(() => import("@/features/charts/view/ChartPage"), "ChartPage"),
  staticData: { title: "Chart", needs: ["ChartService_GetChart"], help: () => import("@/features/charts/view/help") },
});

const journey = createRoute({
  getParentRoute: () => root,
  path: "/charts/$chartId/journey",
  component: lazyPage(() => import("@/features/journey/JourneyPage"), "JourneyPage"),
  // Each step has needs of its own: the page shows who may see what.
  staticData: {
    title: "Journey of a chart",
    needs: ["MeService_GetMe"],
    help: () => import("@/features/journey/help"),
  },
});

/** Routes of src/features/charts and src/features/journey. */
export const chartsRoutes = [charts, importing, chart, journey] as const;
