export { api, background, read } from "./client";
export { agencyChoice, chooseAgency, crossAgencies, useAgencyChoice, type AgencyChoice } from "./agency";
export { ApiProblem, explain, type Violation } from "./problem";
export { nextPage, optimistic, unasked } from "./query";
export type { components } from "@fleet/fleet";
import type { components } from "@fleet/fleet";

/** A schema of the API by name, e.g. Schema<"v1Case">. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];
