import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";

import { must } from "../support/api.ts";
import { expect, test } from "../support/test.ts";

/** A document of the agency's own, as somebody could export it: another number makes it another chart. */
async function documentLike(page: Page): Promise<{ xml: string; number: string }> {
  const { charts } = await must<{ charts: { id: string; pcrNumber: string }[] }>(page, "GET", "/api/clinical/charts?pageSize=1");
  const chart = charts[0];
  if (!chart) throw new Error("the demo has no charts");
  const xml = await must<string>(page, "GET", `/api/clinical/charts/${chart.id}/nemsis`, undefined, { Accept: "application/xml" });
  const number = `PCR-E2E-${randomUUID().slice(0, 8).toUpperCase()}`;
  return { xml: xml.replaceAll(chart.pcrNumber, number), number };
}

const step = (page: Page, name: string) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 2, name }) });

const file = (name: string, xml: string) => ({ name, mimeType: "text/xml", buffer: Buffer.from(xml) });

test("an administrator hands a chart in and reads none; the founder follows it to the end", async ({ as }) => {
  const { page: supervisor } = await as("lakeshore-supervisor");
  await supervisor.goto("/charts");
  const { xml, number } = await documentLike(supervisor);

  const { page: admin } = await as("lakeshore-admin");
  await admin.goto("/charts/import");
  await admin.getByLabel(/Drop NEMSIS files here/).setInputFiles([file("one.xml", xml)]);
  await expect(admin.getByText("New chart")).toBeVisible();
  await expect(admin.getByText(number, { exact: true })).toBeVisible();
  await expect(admin.getByRole("link", { name: number, exact: true })).toHaveCount(0);
  await admin.getByRole("link", { name: `Journey of ${number}` }).click();
  await expect(step(admin, "Report facts")).toContainText("In reports");
  await expect(step(admin, "Imported")).toContainText("Not visible for your role");
  const id = /charts\/([^/]+)\/journey/.exec(admin.url())?.[1] ?? "";
  await admin.goto(`/charts/${id}`);
  await expect(admin.getByText("No access")).toBeVisible();

  const { page: founder } = await as("founder");
  await founder.goto(`/charts/${id}/journey?agency=1`);
  await expect(founder.getByRole("heading", { level: 1, name: number })).toBeVisible();
  await expect(step(founder, "Claim")).toContainText(/Draft|Ready|No bill/);
  await expect(step(founder, "Report facts")).toContainText("In reports");
  const entry = step(founder, "Audit entries").getByRole("row", { name: /Import charts/ });
  await expect(entry).toContainText("Agency Administrator");
  await entry.getByRole("link").click();
  await expect(founder).toHaveURL(/\/audit\/events\//);
});

test("a chart is found by its number, which is in no address, and its document is read on demand", async ({ as }) => {
  const { page } = await as("lakeshore-supervisor");
  await page.goto("/charts");
  const { charts } = await must<{ charts: { pcrNumber: string }[] }>(page, "GET", "/api/clinical/charts?pageSize=1");
  const number = charts[0]?.pcrNumber ?? "";
  const asked: string[] = [];
  page.on("request", (r) => asked.push(r.url()));
  await page.getByRole("searchbox", { name: /PCR number/ }).fill(number.toLowerCase());
  await expect(page.getByRole("table", { name: "Found charts" }).getByRole("link", { name: number })).toBeVisible();
  expect(asked.filter((url) => url.toLowerCase().includes(number.toLowerCase()))).toEqual([]);
  expect(page.url()).not.toContain(number);

  await page.getByRole("link", { name: number }).click();
  await expect(page.getByRole("heading", { level: 1, name: number })).toBeVisible();
  await expect(page.getByText("Limits are not visible for your role.")).toBeVisible();
  expect(asked.filter((url) => url.endsWith("/nemsis"))).toEqual([]);
  await page.getByRole("button", { name: "Show document" }).click();
  await expect(page.getByRole("region", { name: "Document" })).toContainText("<EMSDataSet");
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("region", { name: "Document" })).toHaveCount(0);
});

test("who leaves while a file is under way is asked first", async ({ as }) => {
  const { page } = await as("lakeshore-supervisor");
  await page.goto("/charts/import");
  // The request is held back, so that the file stays under way; nobody answers in the place of the fleet.
  let release = () => {};
  await page.route("**/api/clinical/charts", async (route) => {
    await new Promise<void>((done) => (release = done));
    await route.continue().catch(() => {});
  });
  await page.getByLabel(/Drop NEMSIS files here/).setInputFiles([file("held.xml", "<EMSDataSet/>")]);
  await expect(page.getByText("1 under way")).toBeVisible();
  await page.getByRole("link", { name: "Charts", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(page).toHaveURL(/\/charts\/import/);
  await page.getByRole("button", { name: "Cancel held.xml" }).click();
  await expect(page.getByText("Cancelled", { exact: true })).toBeVisible();
  release();
  await page.getByRole("link", { name: "Charts", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Charts" })).toBeVisible();
});
