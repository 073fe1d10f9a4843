import { createRoute } from "@tanstack/react-router";
import { z } from "zod";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const help = () => import("@/features/governance/help");
const version = z.coerce.number().int().positive().optional().catch(undefined);

const policies = createRoute({
  getParentRoute: () => root,
  path: "/governance",
  component: lazyPage(() => import("@/features/governance/PoliciesPage"), "PoliciesPage"),
  staticData: { title: "Policies", needs: ["PolicyService_ListPolicies"], help },
});

const policy = createRoute({
  getParentRoute: () => root,
  path: "/governance/$key",
  validateSearch: z.object({ old: version, new: version }),
  component: lazyPage(() => import("@/features/governance/PolicyPage"), "PolicyPage"),
  staticData: { title: "Policy", needs: ["PolicyService_ListPolicyVersions"], help },
});

const create = createRoute({
  getParentRoute: () => root,
  path: "/governance/$key/new",
  component: lazyPage(() => import("@/features/governance/NewVersionPage"), "NewVersionPage"),
  staticData: {
    title: "New policy version",
    needs: ["PolicyService_ListPolicyVersions", "PolicyService_CreatePolicyVersion"],
    help,
  },
});

/** Routes of src/features/governance. */
export const governanceRoutes = [policies, policy, create] as const;
