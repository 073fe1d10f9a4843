import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refuse, serve, type Call } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { daysSince } from "./parts";

const draft = {
  id: "0190aaaa-0000-7000-8000-00000000000c",
  agencyId: "1",
  chartId: "c1",
  state: "STATE_DRAFT",
  serviceDate: { year: 2026, month: 11, day: 1 },
  levelOfService: { hcpcs: "A0427", name: "ALS1 emergency" },
  mileage: { hcpcs: "A0425", milesTenths: 74 },
  originDestinationModifier: "R?",
  payers: [{ claimFilingIndicator: "MB" }, { claimFilingIndicator: "CI" }],
  missing: [{ code: "PCS_MISSING" }, { code: "SIGNATURE_MISSING" }, { code: "DESTINATION_MISSING" }],
};

const noBill = {
  id: "0190aaaa-0000-7000-8000-00000000000d",
  state: "STATE_NO_BILL",
  noBill: { code: "PATIENT_REFUSED", explanation: "eDisposition.30 is 4230009: the patient refused transport" },
};

const fleet = {
  "GET /api/me": person("billing_staff"),
  "GET /api/billing/claim-summary": {
    states: [
      { state: "STATE_DRAFT", claims: 4, oldestServiceDate: { year: 2026, month: 9, day: 17 } },
      { state: "STATE_NO_BILL", claims: 2 },
    ],
    missing: [{ code: "PCS_MISSING", claims: 3 }],
    levels: [{ hcpcs: "A0427", claims: 4 }],
    noBills: [{ code: "PATIENT_REFUSED", claims: 2 }],
  },
  "GET /api/billing/claims": (call: Call) => ({
    claims: call.query.get("state") === "STATE_NO_BILL" ? [noBill] : [draft],
  }),
};

const lists = (calls: Call[]) => calls.filter((c) => c.path === "/api/billing/claims");

test("the worklist shows level, trip in words, miles, payer, what is missing and the age", async () => {
  const calls = serve(fleet);
  await open("/billing/claims");
  const row = (await screen.findByRole("rowheader")).closest("tr") as HTMLElement;
  expect(within(row).getByRole("link", { name: "Nov 1, 2026" })).toHaveAttribute("href", `/billing/claims/${draft.id}`);
  expect(within(row).getByText("A0427")).toBeVisible();
  expect(within(row).getByText("Residence to Not told by the chart")).toBeInTheDocument();
  expect(within(row).getByText("7.4")).toBeVisible();
  expect(within(row).getByText(/Medicare Part B/)).toHaveTextContent("and 1 more");
  expect(within(row).getByText(/Physician certification, Billing signature/)).toHaveTextContent("and 1 more");
  expect(lists(calls)[0]?.query.get("orderBy")).toBe("serviceDate");
  expect(lists(calls)[0]?.query.get("state")).toBe("STATE_DRAFT");
  await expectAccessible(screen.getByRole("main"));
});

test("what is missing is a filter of the incomplete claims, in the address and out of it", async () => {
  const calls = serve(fleet);
  const { user, router } = await open("/billing/claims?state=ready");
  await screen.findByRole("heading", { name: "Ready claims" });
  expect(screen.queryByLabelText("Missing")).toBeNull();
  await user.selectOptions(screen.getByLabelText("State"), "");
  await user.click(await screen.findByRole("button", { name: /Physician certification\s*3/ }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({ missing: "PCS_MISSING" });
  });
  await waitFor(() => {
    expect(lists(calls).at(-1)?.query.get("missingCode")).toBe("PCS_MISSING");
  });
  expect(screen.getByLabelText("Missing")).toHaveDisplayValue("Physician certification");
  await user.click(screen.getByRole("button", { name: "Clear filters" }));
  await waitFor(() => {
    expect(router.state.location.search).toEqual({});
  });
});

test("no-bills have a reason and neither level nor miles", async () => {
  serve(fleet);
  const { user } = await open("/billing/claims");
  await user.click(await screen.findByRole("button", { name: /No bill\s*2/ }));
  expect(await screen.findByRole("columnheader", { name: "Why nothing is billed" })).toBeInTheDocument();
  expect(screen.queryByRole("columnheader", { name: "Miles" })).toBeNull();
  expect(within(await screen.findByRole("table")).getByText("Patient refused")).toBeVisible();
});

test("nothing incomplete and a refusal each say what to do", async () => {
  serve({ ...fleet, "GET /api/billing/claims": { claims: [] } });
  const first = await open("/billing/claims");
  expect(await screen.findByText("No claim is incomplete")).toBeVisible();
  first.unmount();
  serve({ ...fleet, "GET /api/billing/claims": () => refuse(500, "INTERNAL") });
  await open("/billing/claims");
  expect(await screen.findByText("req-1")).toBeVisible();
});

test.each(["qa_reviewer", "clinical_supervisor", "agency_administrator"])("%s sees no claims", async (role) => {
  const calls = serve({ ...fleet, "GET /api/me": person(role) });
  await open("/billing/claims");
  expect(await screen.findByText("You may not open this page")).toBeVisible();
  expect(lists(calls)).toEqual([]);
});

test("days are counted in the agency's zone", () => {
  const day = { year: 2026, month: 11, day: 20 };
  const evening = new Date("2026-11-22T03:30:00Z"); // the 21st in Chicago
  expect(daysSince(day, "America/Chicago", evening)).toBe(1);
  expect(daysSince(day, "UTC", evening)).toBe(2);
  expect(daysSince(undefined, "UTC")).toBeUndefined();
});
