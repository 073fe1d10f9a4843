import { createRoute } from "@tanstack/react-router";
import { claimSearch } from "@/features/claims/search";
import { lazyPage } from "./lazyPage";
import { root } from "./root";

const help = () => import("@/features/claims/help");

const claims = createRoute({
  getParentRoute: () => root,
  path: "/billing/claims",
  validateSearch: claimSearch,
  component: lazyPage(() => import("@/features/claims/ClaimsPage"), "ClaimsPage"),
  staticData: { title: "Claims", needs: ["ClaimService_ListClaims"], help },
});

const one = createRoute({
  getParentRoute: () => root,
  path: "/billing/claims/$claimId",
  component: lazyPage(() => import("@/features/claims/ClaimPage"), "ClaimPage"),
  staticData: { title: "Claim", needs: ["ClaimService_GetClaim"], help },
});

/** Routes of src/features/claims. */
export const billingRoutes = [claims, one] as const;
