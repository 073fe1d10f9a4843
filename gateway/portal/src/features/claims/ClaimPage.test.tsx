import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refuse, serve } from "@/test/api";
import { founderFor, person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";

const id = "0190aaaa-0000-7000-8000-00000000000c";
const path = `/billing/claims/${id}`;

const claim = {
  id,
  agencyId: "1",
  chartId: "c1",
  chartVersion: 2,
  state: "STATE_DRAFT",
  serviceDate: { year: 2026, month: 11, day: 1 },
  pickupZip: "53703",
  levelOfService: {
    hcpcs: "A0433",
    name: "ALS2",
    rule: "als2.procedure.manual_defibrillation",
    explanation: "manual defibrillation or cardioversion (eProcedures.03 is 426220008)",
    source: "42 CFR 414.605 (ALS2)",
    documentedHcpcs: "A0427",
  },
  mileage: { hcpcs: "A0425", milesTenths: 1210, rule: "above 100 miles: rounded up to a whole mile" },
  originDestinationModifier: "R?",
  modifiers: ["GM"],
  diagnoses: ["I46.9", "Z99.99"],
  payers: [
    { claimFilingIndicator: "MB", priority: "primary", relationship: "2622001", policyNumberPresent: true },
    { claimFilingIndicator: "", priority: "", relationship: "2622003", policyNumberPresent: false },
  ],
  missing: [
    { code: "DESTINATION_MISSING", element: "eDisposition.21", message: "choose the destination modifier" },
    { code: "PAYER_TYPE_MISSING", element: "ePayment.57", message: "supply the payer type of every insurance" },
    { code: "POLICY_NUMBER_MISSING", element: "ePayment.18", message: "supply the policy number of every insurance" },
  ],
  policyVersion: { key: "billing.level-of-service", version: 4 },
  createTime: "2026-11-02T18:00:00Z",
  updateTime: "2026-11-02T18:00:00Z",
};

const fleet = { "GET /api/me": person("billing_staff"), [`GET /api/billing/claims/${id}`]: claim };

const section = async (name: string) =>
  (await screen.findByRole("heading", { name })).closest("section") as HTMLElement;

test("the level of service names rule, reason and source, and warns where the crew documented another", async () => {
  serve(fleet);
  await open(path);
  const level = await section("Level of service");
  expect(within(level).getByText("A0433")).toBeVisible();
  expect(within(level).getByText("als2.procedure.manual_defibrillation")).toBeVisible();
  expect(
    within(level).getByText("Manual defibrillation or cardioversion (eProcedures.03 is 426220008)."),
  ).toBeVisible();
  expect(within(level).getByText("42 CFR 414.605 (ALS2)")).toBeVisible();
  expect(within(level).getByText("The crew documented A0427, ALS1 emergency (ePayment.50)")).toBeVisible();
  await expectAccessible(screen.getByRole("main"));
});

test.each(["", "A0433"])("no warning where the crew documented %j", async (documentedHcpcs) => {
  serve({
    ...fleet,
    [`GET /api/billing/claims/${id}`]: { ...claim, levelOfService: { ...claim.levelOfService, documentedHcpcs } },
  });
  await open(path);
  await section("Level of service");
  expect(screen.queryByText(/The crew documented/)).toBeNull();
});

test("what is missing comes first, with what to do and the element", async () => {
  serve(fleet);
  await open(path);
  const all = await section("Completeness");
  expect(within(all).getByText(/^3 missing, 16 of 19 in order$/)).toBeVisible();
  const rows = within(within(all).getByRole("list", { name: "Missing" })).getAllByRole("listitem");
  expect(rows.map((r) => r.textContent)).toEqual([
    "DestinationChoose the destination modifier. eDisposition.21",
    "Payer typeSupply the payer type of every insurance. ePayment.57",
    "Policy numberSupply the policy number of every insurance. ePayment.18",
  ]);
  expect(within(within(all).getByRole("region", { name: "Trip" })).getByText("53703")).toBeVisible();
});

test("modifiers, mileage, diagnoses and payers are explained, in their order", async () => {
  serve(fleet);
  await open(path);
  const modifiers = within(await section("Modifiers")).getAllByRole("listitem");
  expect(modifiers.map((m) => m.textContent)).toEqual([
    "RResidenceOrigin",
    "?Not told by the chartDestination",
    "GMMore than one patient on one tripFurther modifier",
  ]);
  const trip = await section("Trip and mileage");
  expect(within(trip).getByText("121.0")).toBeVisible();
  expect(within(trip).getByText("Above 100 miles: rounded up to a whole mile.")).toBeVisible();
  const diagnoses = within(await section("Diagnoses")).getAllByRole("listitem");
  expect(diagnoses[0]).toHaveTextContent("I46.9Cardiac arrest, cause unspecifiedPrimary");
  expect(diagnoses[1]).toHaveTextContent("Not in the list of NEMSIS impressions");
  const payers = within(await section("Payers")).getAllByRole("listitem");
  expect(payers[0]).toHaveTextContent("Medicare Part B");
  expect(payers[0]).toHaveTextContent("Policy number is in the chart");
  expect(payers[1]).toHaveTextContent("Type unknown");
  expect(payers[1]).toHaveTextContent("Order unknown");
  expect(payers[1]).toHaveTextContent("Policy number is missing");
});

test("a no-bill says why, and has no checklist", async () => {
  serve({
    ...fleet,
    [`GET /api/billing/claims/${id}`]: {
      ...claim,
      state: "STATE_NO_BILL",
      missing: [],
      noBill: { code: "CANCELLED", explanation: "eDisposition.27 is 4227005: the call was cancelled" },
    },
  });
  await open(path);
  const why = await section("Why nothing is billed");
  expect(within(why).getByText("eDisposition.27 is 4227005: the call was cancelled.")).toBeVisible();
  expect(screen.queryByRole("heading", { name: "Completeness" })).toBeNull();
});

test("links lead only where the role may go", async () => {
  serve(fleet);
  const first = await open(path);
  expect(await screen.findByText("billing.level-of-service, version 4")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Chart" })).toBeNull();
  expect(screen.queryByRole("link", { name: "Journey" })).toBeNull();
  expect(screen.queryByRole("link", { name: /level-of-service/ })).toBeNull();
  first.unmount();
  serve({ ...fleet, "GET /api/me": founderFor() });
  await open(`${path}?agency=1`);
  expect((await screen.findByRole("link", { name: "Chart" })).getAttribute("href")).toContain("/charts/c1");
  expect(screen.getByRole("link", { name: "Journey" }).getAttribute("href")).toContain("/charts/c1/journey");
  expect(screen.getByRole("link", { name: /level-of-service/ }).getAttribute("href")).toContain(
    "/governance/billing.level-of-service",
  );
});

test("another agency's claim is not found, with the request to ask about", async () => {
  serve({ ...fleet, [`GET /api/billing/claims/${id}`]: () => refuse(404, "CLAIM_NOT_FOUND") });
  await open(path);
  expect(await screen.findByText("Not found")).toBeVisible();
  expect(screen.getByText("req-1")).toBeVisible();
});
