import type { Page } from "@playwright/test";

import { must } from "./support/api.ts";
import { userNamed } from "./support/fleet.ts";
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

const workspace = (name: WorkspaceName, rest: (id: string) => string) => async (page: Page) => {
  await fill(page, name);
  return rest(await recordOf(page, name));
};

const dea = (path: string) => workspace("dea", (id) => path.replace("$id", id));
const cms = (path: string) => workspace("cms", (id) => path.replace("$id", id));

/** An address with the id of the first that a list has. */
const first = (list: string, of: string, address: (id: string) => string) => async (page: Page) => {
  await page.goto("/account");
  const answer = await must(page, "GET", list);
  return address(answer[of][0].id as string);
};

const run = async (page: Page) => {
  await page.goto("/account");
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const period = { from: day(-60), to: day(0), groupBy: "unit", timeZone: "America/Chicago" };
  const { templates } = await must(page, "GET", "/api/reports/templates");
  const { id } = await must(page, "POST", `/api/reports/templates/${templates[0].id}:run`, period);
  return `/reports/executions/${id}`;
};

/** The chart with the most to draw: vital signs over time, medications and procedures. What a page looks like, its richest record shows. */
async function richestChart(page: Page, headers?: Record<string, string>): Promise<string> {
  const { charts } = await must(page, "GET", "/api/clinical/charts?pageSize=30", undefined, headers);
  const marks = await Promise.all(
    (charts as { id: string }[]).map(async ({ id }) => {
      const { facts } = await must(page, "GET", `/api/clinical/charts/${id}`, undefined, headers);
      const of = (list: unknown[] | undefined) => list?.length ?? 0;
      return { id, marks: 10 * of(facts?.vitals) + of(facts?.medications) + of(facts?.procedures) };
    }),
  );
  const [best] = marks.toSorted((a, b) => b.marks - a.marks);
  if (!best) throw new Error("there is no chart");
  return best.id;
}

const chart = async (page: Page) => {
  await page.goto("/account");
  return `/charts/${await richestChart(page)}`;
};

/** A founder sees every step of a chart. */
const journey = async (page: Page) => {
  await page.goto("/account");
  const agency = String(userNamed("lakeshore-supervisor").agency);
  return `/charts/${await richestChart(page, { "X-Agency-Id": agency })}/journey?agency=${agency}`;
};

/** Every route of the portal. The checks of each page and the screenshots are driven by this list; a test compares it with the router. */
export const pages: readonly Entry[] = [
  { route: "/home", login: "lakeshore-admin", heading: "Home" },
  { route: "/founder", login: "founder", heading: "Platform" },
  { route: "/account", login: "lakeshore-qa", heading: "My account" },
  { route: "/sessions", login: "lakeshore-qa", heading: "My sessions" },

  { route: "/charts", login: "lakeshore-supervisor", heading: "Charts" },
  { route: "/charts/import", login: "lakeshore-admin", heading: "Import charts" },
  {
    route: "/charts/$chartId",
    login: "lakeshore-supervisor",
    heading: /\d/,
    address: chart,
  },
  {
    route: "/charts/$chartId/journey",
    login: "founder",
    heading: /\d/,
    address: journey,
  },

  { route: "/qa/cases", login: "lakeshore-qa", heading: "QA cases" },
  {
    route: "/qa/cases/$caseId",
    login: "lakeshore-qa",
    heading: /^Incident/,
    // One whose trigger was measured against a threshold.
    address: first("/api/qa/cases?triggerCode=TIME.RESP_CRIT&pageSize=1", "cases", (id) => `/qa/cases/${id}`),
  },

  { route: "/billing/claims", login: "lakeshore-billing", heading: "Claims" },
  {
    route: "/billing/claims/$claimId",
    login: "lakeshore-billing",
    heading: /^Service/,
    address: first("/api/billing/claims?state=STATE_READY&pageSize=1", "claims", (id) => `/billing/claims/${id}`),
  },

  { route: "/reports", login: "lakeshore-admin", heading: "Reports" },
  {
    route: "/reports/templates/$template",
    login: "lakeshore-admin",
    heading: /\w/,
    address: first("/api/reports/templates", "templates", (id) => `/reports/templates/${id}`),
  },
  { route: "/reports/executions/$id", login: "lakeshore-admin", heading: /\w/, address: run },

  { route: "/audit", login: "lakeshore-compliance", heading: "Audit" },
  {
    route: "/audit/events/$id",
    login: "lakeshore-compliance",
    heading: /\w/,
    address: first("/api/audit/events?pageSize=1", "events", (id) => `/audit/events/${id}`),
  },
  { route: "/governance", login: "founder", heading: "Policies" },
  { route: "/governance/$key", login: "founder", heading: /\w/, address: async () => "/governance/compliance.alerts" },
  { route: "/governance/$key/new", login: "founder", heading: "New version", address: async () => "/governance/compliance.alerts/new" },
  { route: "/modules", login: "lakeshore-admin", heading: "Modules" },
  { route: "/people", login: "lakeshore-admin", heading: "People" },

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
  { route: "/cms/audit-log", login: "lakeshore-compliance", heading: "Audit log", address: cms("/cms/audit-log") },
];

/** Routes that show nothing of their own, or to nobody who is signed in. */
export const withoutPage = ["/", "/signed-out", "/signed-in"];

export const titleOf = (entry: Entry) => entry.route + (entry.variant ? ` (${entry.variant})` : "");
