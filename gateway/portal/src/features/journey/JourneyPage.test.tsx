import { screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { stemi } from "@/features/charts/view/facts.test-data";
import type { Me } from "@/permissions";
import { refuse, serve, type Handler } from "@/test/api";
import { founderFor, person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";

const id = stemi.id ?? "";
const now = () => new Date().toISOString();
const chart = { ...stemi, facts: undefined };
const cases = [
  {
    id: "case-1",
    chartId: id,
    chartVersion: 2,
    state: "STATE_PENDING",
    priority: "PRIORITY_HIGH",
    createTime: "2026-03-01T18:00:04Z",
    triggers: [
      {
        code: "TIME.RESP_CRIT",
        chartId: id,
        measuredValue: 12,
        threshold: 10,
        unit: "min",
        triggerClass: "TRIGGER_CLASS_MANDATORY",
      },
      { code: "CLIN.STEMI", chartId: "another", triggerClass: "TRIGGER_CLASS_MANDATORY" },
    ],
  },
];
const noBill = {
  id: "claim-1",
  chartId: id,
  chartVersion: 2,
  state: "STATE_NO_BILL",
  createTime: "2026-03-01T18:00:02Z",
  noBill: { code: "CANCELLED", explanation: "The unit was canceled before arrival." },
};
const fact = {
  chartId: id,
  version: 2,
  seq: "41",
  arriveTime: "2026-03-01T18:00:01Z",
  intervals: [{ name: "response", seconds: 720 }],
};
const imported = {
  id: "event-1",
  action: "fleet.clinical.v1.ChartService/ImportCharts",
  resource: `charts/${id}`,
  occurredTime: "2026-03-01T18:00:00Z",
  role: "integration",
  actorKind: "integration",
  outcome: "OUTCOME_SUCCESS",
};
const reading = {
  ...imported,
  id: "event-2",
  action: "fleet.clinical.v1.ChartService/GetChart",
  role: "founder",
  actorKind: "human",
};

async function page(me: Me, routes: Record<string, Handler | object> = {}) {
  const calls = serve({ "GET /api/me": me, [`GET /api/clinical/charts/${id}`]: chart, ...routes });
  const view = await open(`/charts/${id}/journey${me.roles?.includes("founder") ? "?agency=1" : ""}`);
  const step = async (name: string) => {
    const found = (await screen.findByRole("heading", { level: 2, name })).closest("section");
    if (!found) throw new Error(`no step ${name}`);
    return within(found);
  };
  return { ...view, calls, step };
}

const whole = {
  "GET /api/qa/cases": { cases },
  "GET /api/billing/claims": { claims: [noBill] },
  [`GET /api/reports/call-facts/${id}`]: fact,
  "GET /api/audit/events": (call: { query: URLSearchParams }) => ({
    events: call.query.get("resource") === `charts/${id}` ? [reading, imported] : [],
  }),
};

afterEach(() => vi.useRealTimers());

describe("Journey", () => {
  it("tells what the fleet made of a chart, with links", async () => {
    const { step, container, calls } = await page(founderFor(), whole);
    expect(await (await step("Imported")).findByRole("link", { name: "55001-0042" })).toHaveAttribute(
      "href",
      expect.stringContaining(`/charts/${id}`),
    );
    const review = await step("Quality review");
    expect(await review.findByText("12 min, limit 10 min")).toBeVisible();
    expect(review.getByText("qa, 4 s after the import")).toBeVisible();
    expect(review.queryByText("CLIN.STEMI")).toBeNull(); // fired on another chart of the case
    const claim = await step("Claim");
    expect(await claim.findByText(/canceled before arrival/)).toBeVisible();
    expect(claim.getByText("No bill")).toBeVisible();
    expect(await (await step("Report facts")).findByText("12 min")).toBeVisible();
    const audit = await step("Audit entries");
    expect(await audit.findByRole("link", { name: "Import charts" })).toHaveAttribute(
      "href",
      expect.stringContaining("/audit/events/event-1"),
    );
    expect(audit.getByText(/1 reading/)).toBeVisible();
    const asked = calls.filter((c) => c.path === "/api/audit/events").map((c) => c.query.get("resource"));
    expect(asked).toEqual(expect.arrayContaining([`charts/${id}`, "cases/case-1", "claims/claim-1"]));
    await expectAccessible(container);
  });

  it.each([
    ["qa_reviewer", ["Imported", "Quality review"]],
    ["clinical_supervisor", ["Imported"]],
    ["billing_staff", ["Claim"]],
    ["agency_administrator", ["Report facts"]],
    ["compliance_officer", ["Audit entries"]],
  ])("shows %s its own steps and calls nothing else", async (role, visible) => {
    const { step, calls } = await page(person(role), whole);
    for (const name of ["Imported", "Quality review", "Claim", "Report facts", "Audit entries"]) {
      const hidden = (await step(name)).queryByText("Not visible for your role.") !== null;
      expect([name, hidden]).toEqual([name, !visible.includes(name)]);
    }
    const prefixes: Record<string, string> = {
      Imported: "/api/clinical",
      "Quality review": "/api/qa",
      Claim: "/api/billing",
      "Report facts": "/api/reports",
      "Audit entries": "/api/audit",
    };
    for (const [name, prefix] of Object.entries(prefixes)) {
      if (!visible.includes(name)) expect(calls.filter((c) => c.path.startsWith(prefix))).toEqual([]);
    }
  });

  it("looks again, in the background, while the fleet is at work", async () => {
    let asked = 0;
    const { step, calls } = await page(person("qa_reviewer"), {
      [`GET /api/clinical/charts/${id}`]: { ...chart, importTime: now() },
      "GET /api/qa/cases": () => ({ cases: asked++ === 0 ? [] : cases }),
    });
    expect(await (await step("Quality review")).findByText(/at work on it/)).toBeVisible();
    expect(await (await step("Quality review")).findByText("12 min, limit 10 min")).toBeVisible();
    const looks = calls.filter((c) => c.path === "/api/qa/cases");
    expect(looks).toHaveLength(2);
    expect(looks[0]?.headers.has("X-Fleet-Background")).toBe(false);
    expect(looks[1]?.headers.get("X-Fleet-Background")).toBe("1");
  });

  it("says that nothing fired when the fleet has been silent for long", async () => {
    const { step } = await page(person("qa_reviewer"), { "GET /api/qa/cases": { cases: [] } });
    expect(await (await step("Quality review")).findByText("No trigger fired on this chart.")).toBeVisible();
  });

  it("takes an absent fact for none, and shows an error as one", async () => {
    const { step } = await page(founderFor(), {
      ...whole,
      [`GET /api/reports/call-facts/${id}`]: refuse(404, "CALL_FACT_NOT_FOUND"),
      "GET /api/billing/claims": refuse(500, "INTERNAL"),
    });
    expect(await (await step("Report facts")).findByText("Reports have nothing of this chart.")).toBeVisible();
    expect(await (await step("Claim")).findByText("Something went wrong on our side")).toBeVisible();
  });
});
