import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { refuse, serve, type Handler } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { caseFigures, claimFigures, openAlerts, percent } from "./figures";

const cases = {
  counts: [
    { state: "STATE_PENDING", priority: "PRIORITY_HIGH", cases: 3, oldestCreateTime: "2026-11-20T10:00:00Z" },
    { state: "STATE_PENDING", priority: "PRIORITY_LOW", cases: 4, oldestCreateTime: "2026-11-19T10:00:00Z" },
    { state: "STATE_UNDER_REVIEW", priority: "PRIORITY_HIGH", cases: 2 },
  ],
  triggers: [
    { code: "CLIN.ARREST", cases: 3 },
    { code: "PRAC.REFUSAL", cases: 1 },
  ],
} as const;

const claims = {
  states: [
    { state: "STATE_DRAFT", claims: 5 },
    { state: "STATE_READY", claims: 14 },
    { state: "STATE_NO_BILL", claims: 1 },
  ],
  missing: [{ code: "SIGNATURE_MISSING", claims: 5 }],
} as const;

const charts = {
  charts: 12,
  withFindings: 2,
  lastImportTime: "2026-11-22T01:00:00Z",
  days: [
    { date: { year: 2026, month: 11, day: 21 }, charts: 10, withFindings: 2 },
    { date: { year: 2026, month: 11, day: 22 }, charts: 2, withFindings: 0 },
  ],
};

const alert = {
  id: "a1",
  kind: "KIND_EXPIRATION",
  state: "STATE_OPEN",
  dueDate: { year: 2027, month: 1, day: 31 },
  createTime: "2026-11-20T00:00:00Z",
};

function fleet(me: object, more: Record<string, Handler | object> = {}) {
  return serve({
    "GET /api/me": me,
    "GET /api/session": refuse(404, "SESSION_MISSING"),
    "GET /api/health": { ready: true, conditions: [] },
    "GET /api/qa/case-summary": cases,
    "GET /api/billing/claim-summary": claims,
    "GET /api/clinical/chart-summary": charts,
    "GET /api/dea/notice": { acknowledged: true },
    "GET /api/cms/notice": { acknowledged: true },
    "GET /api/dea/expiration-alerts": { alerts: [alert, { ...alert, id: "a2", state: "STATE_SNOOZED" }] },
    "GET /api/cms/expiration-alerts": { alerts: [] },
    ...more,
  });
}

describe("figures", () => {
  test("of cases count what waits, and the oldest of it", () => {
    expect(caseFigures(cases as never)).toEqual({
      pending: 7,
      high: 3,
      underReview: 2,
      oldest: "2026-11-19T10:00:00Z",
    });
    expect(caseFigures({})).toEqual({ pending: 0, high: 0, underReview: 0, oldest: undefined });
  });

  test("of claims and alerts", () => {
    expect(claimFigures(claims as never)).toEqual({ draft: 5, ready: 14, noBill: 1 });
    expect(openAlerts([alert, { ...alert, state: "STATE_ACKNOWLEDGED" }] as never)).toHaveLength(1);
    expect([percent(1, 3), percent(0, 0), percent(1, 329), percent(328, 329), percent(0, 9), percent(9, 9)]).toEqual([
      "33%",
      "",
      "<1%",
      ">99%",
      "0%",
      "100%",
    ]);
  });
});

describe("the home page of an agency", () => {
  const tile = (name: string) => screen.getByText(name).closest("dl, a") as HTMLElement;

  test("counts what the caller may count, and links where the caller may go", async () => {
    const calls = fleet(person("qa_reviewer"));
    const { container } = await open("/home");
    await waitFor(() => expect(tile("High-priority cases")).toHaveTextContent("3"));
    expect(tile("High-priority cases").closest("a")).toHaveAttribute("href", "/qa/cases?priority=high");
    expect(await screen.findByRole("link", { name: "Cardiac arrest" })).toHaveAttribute(
      "href",
      "/qa/cases?trigger=CLIN.ARREST",
    );
    expect(screen.getByRole("img", { name: /12 charts in 2 days, most on Nov 21, 2026: 10/ })).toBeVisible();
    expect(screen.queryByText("Claims ready")).toBeNull();
    expect(screen.queryByText("DEA alerts open")).toBeNull();
    expect(calls.find((c) => c.path === "/api/clinical/chart-summary")?.query.get("timeZone")).toBe("America/Chicago");
    await expectAccessible(container);
  });

  test("shows counts without links to those who may count and not open", async () => {
    fleet(
      person("agency_administrator", {
        workspaces: [
          { workspace: "dea", visible: true },
          { workspace: "cms", visible: true },
        ],
      }),
    );
    await open("/home");
    await waitFor(() => expect(tile("Claims ready")).toHaveTextContent("14"));
    expect(tile("Claims ready").closest("a")).toBeNull();
    expect(await screen.findByText("Billing signature")).toBeVisible();
    expect(screen.queryByRole("link", { name: "Billing signature" })).toBeNull();
    await waitFor(() => expect(tile("DEA alerts open")).toHaveTextContent("next due Jan 31, 2027"));
  });

  test("asks no workspace before its notice is read", async () => {
    const calls = fleet(person("billing_staff"), { "GET /api/cms/notice": { acknowledged: false } });
    await open("/home");
    await waitFor(() => expect(tile("CMS alerts open")).toHaveTextContent("read the notice first"));
    expect(calls.some((c) => c.path === "/api/cms/expiration-alerts")).toBe(false);
  });

  test("says what is away and shows the rest", async () => {
    fleet(person("qa_reviewer"), { "GET /api/qa/case-summary": refuse(403, "MODULE_DISABLED") });
    await open("/home");
    await waitFor(() => expect(tile("Cases pending")).toHaveTextContent("switched off"));
    expect(within(screen.getByRole("region", { name: "At a glance" })).getByText("12")).toBeVisible();
  });

  test("says so when the role has nothing to count", async () => {
    fleet(person("peer_reviewer"));
    const { container } = await open("/home");
    expect(await screen.findByText("There are no counts for your role")).toBeVisible();
    await expectAccessible(container);
  });

  test("asks a founder without an agency to choose one", async () => {
    const calls = fleet(person("founder"));
    await open("/home");
    expect(await screen.findByText("The home page belongs to one agency")).toBeVisible();
    expect(calls.some((c) => c.path === "/api/qa/case-summary")).toBe(false);
  });
});

describe("the page of the platform", () => {
  const agencies = [
    { id: "1", displayName: "Lakeshore EMS", timeZone: "America/Chicago" },
    { id: "2", displayName: "High Plains EMS", timeZone: "America/Denver" },
  ];

  test("reads each agency by its own id and with the reason", async () => {
    const calls = fleet(person("founder"), {
      "GET /api/agencies": { agencies },
      "GET /api/audit/checkpoint": { treeSize: "1234" },
      "GET /api/agencies/1/modules": { modules: [{ module: "qa", enabled: true }] },
      "GET /api/agencies/2/modules": { modules: [{ module: "qa", enabled: false }] },
    });
    const { user } = await open("/founder");
    expect(await screen.findByText("1,234")).toBeVisible();
    await user.click(await screen.findByRole("button", { name: "Read across all agencies" }));
    await user.type(await screen.findByRole("textbox", { name: "Reason" }), "monthly review");
    await user.click(screen.getByRole("button", { name: "Read across agencies" }));
    const row = (await screen.findByRole("button", { name: "High Plains EMS" })).closest("tr") as HTMLElement;
    await waitFor(() => expect(row).toHaveTextContent("7 (3 high)"));
    const asked = calls
      .filter((c) => c.path === "/api/qa/case-summary")
      .map((c) => [c.headers.get("X-Agency-Id"), c.headers.get("X-Access-Reason")]);
    expect(asked).toContainEqual([null, "monthly review"]);
    expect(asked).toContainEqual(["1", "monthly review"]);
    expect(asked).toContainEqual(["2", "monthly review"]);
  });
});
