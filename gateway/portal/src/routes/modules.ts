import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const modules = createRoute({
  getParentRoute: () => root,
  path: "/modules",
  component: lazyPage(() => import("@/features/modules/ModulesPage"), "ModulesPage"),
  staticData: { title: "Modules", needs: ["ModuleService_ListModules"], help: () => import("@/features/modules/help") },
});

/** Routes of src/features/modules. */
export const modulesRoutes = [modules] as const;
