import { createRoute } from "@tanstack/react-router";
import { caseSearch } from "@/features/qa/search";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const help = () => import("@/features/qa/help");

const cases = createRoute({
  getParentRoute: () => root,
  path: "/qa/cases",
  validateSearch: caseSearch,
  component: lazyPage(() => import("@/features/qa/CasesPage"), "CasesPage"),
  staticData: { title: "QA cases", needs: ["CaseService_ListCases"], help },
});

const one = createRoute({
  getParentRoute: () => root,
  path: "/qa/cases/$caseId",
  component: lazyPage(() => import("@/features/qa/CasePage"), "CasePage"),
  staticData: { title: "QA case", needs: ["CaseService_GetCase"], help },
});

/** Routes of src/features/qa. */
export const qaRoutes = [cases, one] as const;
