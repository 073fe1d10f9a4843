import type { Page } from "@playwright/test";

import { fill, recordOf, type WorkspaceName } from "./support/workspaces.ts";

/** One page of the portal, as somebody opens it who works there. */
export interface Entry {
  /** The route as the portal's router names it. */
  readonly route: string;
  readonly login: string;
  /** The page's one h1, once it shows what it is about. */
  readonly heading: string | RegExp;
  /** The address, where it is not the route: makes or finds what the page is about. */
  readonly address?: (page: Page) => Promise<string>;
  /** Distinguishes two entries of one route. */
  readonly variant?: string;
}

const workspace = (name: WorkspaceName, login: string, rest: (id: string) => string) => async (page: Page) => {
  await fill(page, name, login);
  return rest(await recordOf(page, name));
};

const dea = (path: string) => workspace("dea", "lakeshore-compliance", (id) => path.replace("$id", id));
const cms = (path: string) => workspace("cms", "lakeshore-billing-admin", (id) => path.replace("$id", id));

/** Every route of the portal. The checks of each page and the screenshots are driven by this list; a test compares it with the router. */
export const pages: readonly Entry[] = [
  { route: "/home", login: "lakeshore-admin", heading: "Home" },
  { route: "/founder", login: "founder", heading: "Platform" },
  { route: "/account", login: "lakeshore-qa", heading: "My account" },

  { route: "/dea", login: "lakeshore-substances", heading: "Compliance notice", variant: "notice" },
  { route: "/dea", login: "lakeshore-compliance", heading: "DEA registrations", address: dea("/dea") },
  { route: "/dea/records/new", login: "lakeshore-compliance", heading: "New registration", address: dea("/dea/records/new") },
  { route: "/dea/records/$id", login: "lakeshore-compliance", heading: /Lakeshore/, address: dea("/dea/records/$id") },
  { route: "/dea/records/$id/edit", login: "lakeshore-compliance", heading: "Change registration", address: dea("/dea/records/$id/edit") },
  { route: "/dea/alerts", login: "lakeshore-compliance", heading: "Alerts", address: dea("/dea/alerts") },
  { route: "/dea/notes", login: "lakeshore-compliance", heading: "Notes", address: dea("/dea/notes") },
  { route: "/dea/audit-log", login: "lakeshore-compliance", heading: "Audit log", address: dea("/dea/audit-log") },
  { route: "/dea/access", login: "lakeshore-compliance", heading: "Administrators", address: dea("/dea/access") },

  { route: "/cms", login: "lakeshore-billing-admin", heading: "Medicare enrollments", address: cms("/cms") },
  { route: "/cms/records/new", login: "lakeshore-billing-admin", heading: "New enrollment", address: cms("/cms/records/new") },
  { route: "/cms/records/$id", login: "lakeshore-billing-admin", heading: /Lakeshore/, address: cms("/cms/records/$id") },
  { route: "/cms/records/$id/edit", login: "lakeshore-billing-admin", heading: "Change enrollment", address: cms("/cms/records/$id/edit") },
  { route: "/cms/alerts", login: "lakeshore-billing-admin", heading: "Alerts", address: cms("/cms/alerts") },
  { route: "/cms/readiness", login: "lakeshore-billing-admin", heading: "Readiness", address: cms("/cms/readiness") },
  { route: "/cms/notes", login: "lakeshore-billing-admin", heading: "Notes", address: cms("/cms/notes") },
  { route: "/cms/audit-log", login: "lakeshore-compliance", heading: "Audit log", address: workspace("cms", "lakeshore-compliance", () => "/cms/audit-log") },
];

/** Routes that show nothing of their own, or to nobody who is signed in. */
export const withoutPage = ["/", "/signed-out"];

export const titleOf = (entry: Entry) => entry.route + (entry.variant ? ` (${entry.variant})` : "");
