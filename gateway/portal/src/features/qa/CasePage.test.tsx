import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refuse, serve } from "@/test/api";
import { founderFor, person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";

const id = "0190aaaa-0000-7000-8000-00000000000a";
const path = `/qa/cases/${id}`;
const value = (v: string) => ({ state: "STATE_VALUE", value: v });

const found = {
  id,
  agencyId: "1",
  chartId: "c1",
  chartIds: ["c1", "c2"],
  chartVersion: 2,
  incidentNumber: "LKS-1",
  state: "STATE_PENDING",
  priority: "PRIORITY_HIGH",
  triggerClass: "TRIGGER_CLASS_MANDATORY",
  policyVersion: { key: "qa.triggers", version: 3, sha256: "0" },
  createTime: "2026-11-20T18:00:00Z",
  updateTime: "2026-11-20T19:00:00Z",
  triggers: [
    {
      code: "TIME.RESP_CRIT",
      triggerClass: "TRIGGER_CLASS_MANDATORY",
      measuredValue: 14.2,
      threshold: 10,
      unit: "min",
      ruleVersion: 3,
      explanation: "Response time 14.2 min (eTimes.03 to eTimes.06) is above the limit of 10 min.",
      elements: ["eTimes.03", "eTimes.06"],
      chartId: "c2",
    },
    {
      code: "CLIN.ARREST",
      triggerClass: "TRIGGER_CLASS_MANDATORY",
      ruleVersion: 3,
      explanation: "Cardiac arrest during the call: eArrest.01 3001003.",
      elements: ["eArrest.01"],
      chartId: "c1",
    },
  ],
};

const chart = (unit: string) => ({
  id: unit,
  pcrNumber: `PCR-${unit}`,
  unitCallSign: unit,
  version: 2,
  facts: {
    times: { "eTimes.03": value("2026-11-20T11:00:00-06:00"), "eTimes.06": value("2026-11-20T11:14:12-06:00") },
    intervals: { response: { seconds: 852 }, onScene: { invalid: true } },
    situation: { primaryImpression: value("I46.9") },
    disposition: { transport: value("4230001") },
    vitals: [
      {
        time: value("2026-11-20T11:16:00-06:00"),
        systolic: value("92"),
        diastolic: value("60"),
        heartRate: value("128"),
      },
    ],
  },
});

const history = {
  entries: [
    { time: "2026-11-20T18:00:00Z", kind: "KIND_OPENED", chartId: "c1", chartVersion: 1 },
    {
      time: "2026-11-20T18:00:00Z",
      kind: "KIND_TRIGGERED",
      chartId: "c1",
      chartVersion: 1,
      triggerCodes: ["CLIN.ARREST", "PRAC.REFUSAL"],
      policyVersion: 3,
    },
    {
      time: "2026-11-20T19:00:00Z",
      kind: "KIND_SUPERSEDED",
      chartId: "c1",
      chartVersion: 1,
      triggerCodes: ["PRAC.REFUSAL"],
    },
    {
      time: "2026-11-20T19:00:00Z",
      kind: "KIND_CHART_LEFT",
      chartId: "gone",
      chartVersion: 4,
      triggerCodes: ["CLIN.STEMI"],
    },
  ],
};

const fleet = {
  "GET /api/me": person("qa_reviewer"),
  [`GET /api/qa/cases/${id}`]: found,
  [`GET /api/qa/cases/${id}/history`]: history,
  "GET /api/clinical/charts/c1": chart("Medic 1"),
  "GET /api/clinical/charts/c2": chart("Medic 2"),
};

test("each trigger shows value, limit, class, elements, rule version and chart, the strictest first", async () => {
  serve(fleet);
  await open(path);
  const triggers = (await screen.findByRole("heading", { name: "Triggers" })).closest("section") as HTMLElement;
  const rows = within(triggers).getAllByRole("heading", { level: 3 });
  expect(rows.map((r) => r.textContent)).toEqual([
    "Cardiac arrestCLIN.ARREST",
    "Response time, critical callTIME.RESP_CRIT",
  ]);
  expect(within(triggers).getByText("14.2 min")).toBeVisible();
  expect(within(triggers).getByText("10 min")).toBeVisible();
  expect(within(triggers).getByText("4.2 min above the limit")).toBeVisible();
  expect(within(triggers).getByText(/An event/)).toBeVisible();
  expect(within(triggers).getByText("eTimes.06")).toBeVisible();
  expect(await within(triggers).findByRole("link", { name: "Medic 2" })).toHaveAttribute("href", "/charts/c2");
  await expectAccessible(screen.getByRole("main"));
});

test("the excerpt of a chart shows times after notification, disposition, impression and vitals, and the other chart is one tab away", async () => {
  serve(fleet);
  const { user } = await open(path);
  expect(await screen.findByText("PCR-Medic 1")).toBeVisible();
  expect(screen.getByText("11:14:12")).toBeVisible();
  expect(screen.getByText("+14 min 12 s")).toBeVisible();
  expect(screen.getByText(/Times of Nov 20, 2026, CST/)).toBeInTheDocument();
  expect(screen.getByText(/not usable/)).toBeVisible();
  expect(screen.getByText("92/60")).toBeVisible();
  expect(screen.getByText("I46.9")).toBeVisible();
  await user.click(screen.getByRole("tab", { name: "Medic 2" }));
  expect(await screen.findByText("PCR-Medic 2")).toBeVisible();
});

test("the history says what happened, by what, in order", async () => {
  serve(fleet);
  await open(path);
  const section = (await screen.findByRole("heading", { name: "History" })).closest("section") as HTMLElement;
  const entries = await within(section).findAllByRole("listitem");
  expect(entries).toHaveLength(4);
  expect(entries[1]).toHaveTextContent("Fires: Cardiac arrest, Refusal");
  expect(entries[1]).toHaveTextContent("by policy version 3");
  expect(entries[2]).toHaveTextContent("No longer fires: Refusal");
  expect(entries[3]).toHaveTextContent("Chart left the case");
  expect(entries[3]).toHaveTextContent("A chart that left, version 4");
});

test("links lead only where the role may go", async () => {
  serve(fleet);
  const first = await open(path);
  expect(await screen.findByText("qa.triggers, version 3")).toBeVisible();
  expect(screen.queryByRole("link", { name: /qa.triggers/ })).toBeNull();
  first.unmount();
  serve({ ...fleet, "GET /api/me": founderFor() });
  const { router } = await open(`${path}?agency=1`);
  const link = await screen.findByRole("link", { name: /qa.triggers, version 3/ });
  expect(link.getAttribute("href")).toContain("/governance/qa.triggers");
  expect(router.state.location.pathname).toBe(path);
});

test("without the clinical module there is no chart, and the case is still whole", async () => {
  const calls = serve({ ...fleet, "GET /api/me": person("qa_reviewer", { modules: ["qa"] }) });
  await open(path);
  expect(await screen.findByText("4.2 min above the limit")).toBeVisible();
  expect(screen.queryByRole("heading", { name: /Chart/ })).toBeNull();
  expect(screen.getByText("Chart 2")).toBeVisible();
  expect(calls.filter((c) => c.path.startsWith("/api/clinical"))).toEqual([]);
});

test("a withdrawn case says so and keeps its history; one that never was is not found", async () => {
  serve({ ...fleet, [`GET /api/qa/cases/${id}`]: () => refuse(404, "CASE_NOT_FOUND") });
  const first = await open(path);
  expect(await screen.findByText("This case was withdrawn")).toBeVisible();
  expect(screen.getAllByRole("listitem").length).toBeGreaterThan(0);
  first.unmount();
  serve({
    "GET /api/me": person("qa_reviewer"),
    [`GET /api/qa/cases/${id}`]: () => refuse(404, "CASE_NOT_FOUND"),
    [`GET /api/qa/cases/${id}/history`]: () => refuse(404, "CASE_NOT_FOUND"),
  });
  await open(path);
  expect(await screen.findByText("Not found")).toBeVisible();
  expect(screen.getByText("req-1")).toBeVisible();
});
