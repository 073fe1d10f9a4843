import { auditRoutes } from "./audit";
import { billingRoutes } from "./billing";
import { chartsRoutes } from "./charts";
import { complianceRoutes } from "./compliance";
import { governanceRoutes } from "./governance";
import { homeRoutes } from "./home";
import { modulesRoutes } from "./modules";
import { peopleRoutes } from "./people";
import { qaRoutes } from "./qa";
import { reportsRoutes } from "./reports";
import { root } from "./root";
import { sessionRoutes } from "./session";

export const routeTree = root.addChildren([
  ...homeRoutes,
  ...sessionRoutes,
  ...chartsRoutes,
  ...qaRoutes,
  ...billingRoutes,
  ...reportsRoutes,
  ...complianceRoutes,
  ...auditRoutes,
  ...governanceRoutes,
  ...modulesRoutes,
  ...peopleRoutes,
]);
