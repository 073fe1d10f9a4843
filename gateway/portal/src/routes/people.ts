import { createRoute } from "@tanstack/react-router";
import { peopleSearch } from "@/features/people/search";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const people = createRoute({
  getParentRoute: () => root,
  path: "/people",
  validateSearch: peopleSearch,
  component: lazyPage(() => import("@/features/people/PeoplePage"), "PeoplePage"),
  staticData: { title: "People", needs: ["PersonService_ListPeople"], help: () => import("@/features/people/help") },
});

/** Routes of src/features/people. */
export const peopleRoutes = [people] as const;
