import type { Me } from "@/permissions";

/** Where the day of a role begins. The first that the person has counts, as in gateway/policy/roles.yaml. */
const landings: Readonly<Record<string, string>> = {
  founder: "/founder",
  qa_reviewer: "/qa/cases",
  medical_director: "/qa/cases",
  clinical_staff: "/charts",
  clinical_supervisor: "/charts",
  billing_administrator: "/billing/claims",
  billing_operations: "/billing/claims",
  billing_staff: "/billing/claims",
  controlled_substance_officer: "/dea",
};

export function landingOf(me: Me): string {
  for (const role of me.roles ?? []) {
    const path = landings[role];
    if (path) return path;
  }
  return "/home";
}
