import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { crossAgencies } from "@/api";
import { refuse, serve, type Call } from "@/test/api";
import { founderFor, person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";

const arrest = {
  id: "0190aaaa-0000-7000-8000-00000000000a",
  agencyId: "1",
  incidentNumber: "LKS-1",
  state: "STATE_PENDING",
  priority: "PRIORITY_HIGH",
  triggerClass: "TRIGGER_CLASS_MANDATORY",
  createTime: "2026-11-20T18:00:00Z",
  chartIds: ["c1", "c2"],
  triggers: [
    { code: "PRAC.REFUSAL", triggerClass: "TRIGGER_CLASS_OPTIONAL" },
    { code: "CLIN.ARREST", triggerClass: "TRIGGER_CLASS_MANDATORY" },
  ],
};

const summary = {
  counts: [
    { state: "STATE_PENDING", priority: "PRIORITY_HIGH", cases: 3, oldestCreateTime: "2026-11-20T18:00:00Z" },
    { state: "STATE_PENDING", priority: "PRIORITY_LOW", cases: 1, oldestCreateTime: "2026-11-21T18:00:00Z" },
  ],
  triggers: [{ code: "CLIN.ARREST", cases: 2 }],
};

const fleet = {
  "GET /api/me": person("qa_reviewer"),
  "GET /api/qa/case-summary": summary,
  "GET /api/qa/cases": { cases: [arrest] },
};

const lists = (calls: Call[]) => calls.filter((c) => c.path === "/api/qa/cases");

test("the queue names the strictest trigger, the age with its moment and zone, and how many charts there are", async () => {
  const calls = serve(fleet);
  await open("/qa/cases");
  const row = (await screen.findByRole("rowheader")).closest("tr") as HTMLElement;
  expect(within(row).getByRole("link", { name: "LKS-1" })).toHaveAttribute("href", `/qa/cases/${arrest.id}`);
  expect(within(row).getByText("Cardiac arrest")).toBeVisible();
  expect(within(row).getByText("and 1 more")).toBeVisible();
  expect(within(row).getByText("2 charts")).toBeVisible();
  expect(within(row).getByText("Nov 20, 2026, 12:00 CST")).toBeVisible();
  const [list] = lists(calls);
  expect(list?.query.get("orderBy")).toBe("priority desc");
  expect(list?.query.get("state")).toBe("STATE_PENDING");
  await expectAccessible(screen.getByRole("main"));
});

test("a tile is a filter: chosen it is in the address, chosen again it is not", async () => {
  const calls = serve(fleet);
  const { user, router } = await open("/qa/cases");
  const tile = await screen.findByRole("button", { name: /High priority, pending\s*3/ });
  await user.click(tile);
  await waitFor(() => {
    expect(router.state.location.search).toMatchObject({ priority: "high" });
  });
  await waitFor(() => {
    expect(lists(calls).at(-1)?.query.get("priority")).toBe("PRIORITY_HIGH");
  });
  expect(screen.getByRole("button", { name: /High priority, pending/ })).toHaveAttribute("aria-pressed", "true");
  await user.click(screen.getByRole("button", { name: /High priority, pending/ }));
  await waitFor(() => {
    expect(router.state.location.search).not.toHaveProperty("priority");
  });
});

test("filters come from the address and go back to it", async () => {
  const calls = serve(fleet);
  const { user, router } = await open("/qa/cases?state=closed&trigger=CLIN.ARREST&order=oldest");
  expect(await screen.findByLabelText("State")).toHaveDisplayValue("Closed");
  expect(screen.getByLabelText("Trigger")).toHaveDisplayValue("Cardiac arrest");
  expect(screen.getByLabelText("Order")).toHaveDisplayValue("Oldest first");
  const asked = lists(calls).at(-1)?.query;
  expect([asked?.get("state"), asked?.get("triggerCode"), asked?.get("orderBy")]).toEqual([
    "STATE_CLOSED",
    "CLIN.ARREST",
    "createTime",
  ]);
  await user.selectOptions(screen.getByLabelText("Order"), "newest");
  await waitFor(() => {
    expect(router.state.location.search).toMatchObject({ state: "closed", order: "newest" });
  });
  await user.click(screen.getByRole("button", { name: "Clear filters" }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ order: "newest" });
  });
  // Each choice is a step of the browser's history: back takes it away again, forward brings it again.
  act(() => router.history.back());
  await waitFor(() => {
    expect(router.state.location.search).toMatchObject({ state: "closed", trigger: "CLIN.ARREST", order: "newest" });
  });
  expect(screen.getByLabelText("State")).toHaveDisplayValue("Closed");
  act(() => router.history.back());
  await waitFor(() => {
    expect(screen.getByLabelText("Order")).toHaveDisplayValue("Oldest first");
  });
  act(() => router.history.forward());
  await waitFor(() => {
    expect(screen.getByLabelText("Order")).toHaveDisplayValue("Newest first");
  });
});

test("an incident number is searched in the body of a POST and never in the address", async () => {
  const calls = serve({ ...fleet, "POST /api/qa/cases:search": { cases: [arrest] } });
  const { user, router } = await open("/qa/cases");
  await user.type(await screen.findByLabelText("Incident number"), "LKS");
  expect(await screen.findByRole("heading", { name: "Found by incident number" })).toBeVisible();
  await waitFor(() => {
    expect(calls.filter((c) => c.path === "/api/qa/cases:search").at(-1)?.body).toEqual({ query: "LKS" });
  });
  expect(await screen.findByRole("link", { name: "LKS-1" })).toBeVisible();
  expect(screen.queryByLabelText("State")).toBeNull();
  expect(router.state.location.href).not.toContain("LKS");
  expect(calls.every((c) => !c.query.toString().includes("LKS"))).toBe(true);
  await user.click(screen.getByRole("button", { name: "Back to the queue" }));
  expect(await screen.findByLabelText("State")).toBeVisible();
});

test("nothing waits, nothing matches, and a refusal each say what to do", async () => {
  serve({ ...fleet, "GET /api/qa/cases": { cases: [] } });
  const first = await open("/qa/cases");
  expect(await screen.findByText("Nothing waits for review")).toBeVisible();
  first.unmount();
  const second = await open("/qa/cases?priority=high");
  expect(await screen.findByText("No case matches")).toBeVisible();
  second.unmount();
  serve({ ...fleet, "GET /api/qa/cases": () => refuse(500, "INTERNAL") });
  await open("/qa/cases");
  expect(await screen.findByText("req-1")).toBeVisible();
});

test("who reads across agencies sees of which agency a case is, who works in one does not", async () => {
  const agencies = { agencies: [{ id: "1", displayName: "Lakeshore EMS" }] };
  serve({ ...fleet, "GET /api/me": person("founder"), "GET /api/agencies": agencies });
  crossAgencies("quality of the fleet");
  const first = await open("/qa/cases");
  const row = (await screen.findByRole("rowheader")).closest("tr") as HTMLElement;
  expect(await within(row).findByText("Lakeshore EMS")).toBeVisible();
  first.unmount();
  serve({ ...fleet, "GET /api/me": founderFor() });
  await open("/qa/cases?agency=1");
  expect(await screen.findByRole("rowheader")).toBeVisible();
  expect(screen.queryByRole("columnheader", { name: "Agency" })).toBeNull();
});

test.each(["billing_staff", "clinical_staff", "agency_administrator", "compliance_officer"])(
  "%s sees no queue",
  async (role) => {
    const calls = serve({ ...fleet, "GET /api/me": person(role) });
    await open("/qa/cases");
    expect(await screen.findByText("You may not open this page")).toBeVisible();
    expect(lists(calls)).toEqual([]);
  },
);
