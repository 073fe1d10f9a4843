import { call, must } from "../support/api.ts";
import { expect, test } from "../support/test.ts";

interface Claim {
  id: string;
  state: string;
  serviceDate?: { year: number; month: number; day: number };
  levelOfService?: { hcpcs: string; rule: string; source: string };
  missing: { code: string; element: string }[];
  noBill?: { explanation: string };
}

const rows = "tbody th a";
const list = (query: string) => `/api/billing/claims?pageSize=500&orderBy=serviceDate&${query}`;

const dateText = ({ serviceDate: d }: Claim) =>
  d
    ? new Intl.DateTimeFormat("en-US", { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" }).format(
        Date.UTC(d.year, d.month - 1, d.day),
      )
    : "Without a date";

test("the worklist shows what is incomplete, the oldest date of service first, and filters by what is missing", async ({ as }) => {
  const { page } = await as("lakeshore-billing");
  await page.goto("/billing/claims");
  await expect(page.getByRole("heading", { name: "Incomplete claims", exact: true })).toBeVisible();
  const { claims } = await must<{ claims: Claim[] }>(page, "GET", list("state=STATE_DRAFT"));
  await expect(page.locator(rows)).toHaveText(claims.map(dateText));
  const { claims: unsigned } = await must<{ claims: Claim[] }>(page, "GET", list("missingCode=SIGNATURE_MISSING"));
  const chip = page.getByRole("button", { name: /^Billing signature/ });
  await expect(chip).toContainText(String(unsigned.length));
  await chip.click();
  await expect(page).toHaveURL(/[?&]missing=SIGNATURE_MISSING/);
  await expect(page.locator(rows)).toHaveText(unsigned.map(dateText));
  await page.getByLabel("State", { exact: true }).selectOption("Ready");
  await expect(page.getByRole("heading", { name: "Ready claims" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page.locator(rows)).toHaveText(claims.map(dateText));
});

test("a claim names the rule behind its level and what to do about each thing that is missing; a chart is not the biller's", async ({ as }) => {
  const { page } = await as("lakeshore-billing");
  await page.goto("/billing/claims");
  const { claims } = await must<{ claims: Claim[] }>(page, "GET", list("missingCode=SIGNATURE_MISSING"));
  const claim = claims[0] as Claim;
  await page.goto(`/billing/claims/${claim.id}`);
  await expect(page.getByRole("heading", { name: `Service of ${dateText(claim)}` })).toBeVisible();
  await expect(page.getByText(claim.levelOfService?.rule ?? "", { exact: true })).toBeVisible();
  await expect(page.getByText(claim.levelOfService?.source ?? "", { exact: true })).toBeVisible();
  const missing = page.getByRole("list", { name: "Missing" });
  for (const { element } of claim.missing) await expect(missing.getByText(element, { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Chart", exact: true })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Journey" })).toHaveCount(0);
});

test("a no-bill says why", async ({ as }) => {
  const { page } = await as("lakeshore-billing");
  await page.goto("/billing/claims?state=no_bill");
  const { claims } = await must<{ claims: Claim[] }>(page, "GET", list("state=STATE_NO_BILL"));
  await page.locator(rows).first().click();
  await expect(page.getByRole("heading", { name: "Why nothing is billed" })).toBeVisible();
  await expect(page.getByText(`${claims[0]?.noBill?.explanation}.`)).toBeVisible();
  await expect(page.getByRole("heading", { name: "Completeness" })).toHaveCount(0);
});

test("an administrator counts claims and cases and reads none", async ({ as }) => {
  const { page } = await as("lakeshore-admin");
  await page.goto("/home");
  await expect(page.locator("h1")).toBeVisible();
  expect((await call(page, "GET", "/api/billing/claim-summary")).status).toBe(200);
  expect((await call(page, "GET", "/api/qa/case-summary")).status).toBe(200);
  expect((await call(page, "GET", "/api/billing/claims")).status).toBe(403);
  expect((await call(page, "POST", "/api/qa/cases:search", { query: "LKS" })).status).toBe(403);
  await page.goto("/billing/claims");
  await expect(page.getByRole("heading", { name: "You may not open this page" })).toBeVisible();
});
