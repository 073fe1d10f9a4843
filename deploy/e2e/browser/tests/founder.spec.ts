import { must } from "../support/api.ts";
import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";

const reason = "Browser test: comparing the queues of both agencies";

test("a founder crosses agencies with a reason and a banner, and the audit log says so", async ({ as }) => {
  const { page, watch } = await as("founder");
  await page.goto("/qa/cases");
  // Without an agency and without a reason nothing is shown.
  await page.getByRole("main").getByRole("button", { name: "Read across all agencies" }).click();
  const dialog = page.getByRole("dialog", { name: "Read across all agencies" });
  await dialog.getByRole("textbox", { name: "Reason" }).fill("short");
  await dialog.getByRole("button", { name: "Read across agencies" }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole("textbox", { name: "Reason" }).fill(reason);
  await dialog.getByRole("button", { name: "Read across agencies" }).click();
  await settled(page, "QA cases");
  const banner = page.getByRole("region", { name: "Whose data this is" });
  await expect(banner).toContainText("all agencies");
  await expect(banner).toContainText(reason);
  for (const url of watch.urls) expect(decodeURIComponent(url)).not.toContain("comparing");

  // Another page, the same crossing; a reload forgets the reason, which may quote something.
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Claims" }).click();
  await settled(page, "Claims");
  await expect(banner).toContainText(reason);
  await page.reload();
  await expect(banner).toHaveCount(0);
  await expect(page.getByRole("main").getByRole("button", { name: "Choose an agency" })).toBeVisible();

  await expect.poll(async () => {
    const { events } = await must(page, "GET", "/api/audit/events?pageSize=100&action=fleet.qa.v1.CaseService/ListCases", undefined, { "X-Access-Reason": "Browser test: reading the log" });
    return events.some((e: { action: string; accessReason?: string }) => e.action.endsWith("/ListCases") && e.accessReason === reason);
  }, { message: "the entry with the reason", timeout: 60_000 }).toBe(true);
});

test("a founder works for one agency at a time, and sees for which", async ({ as }) => {
  const { page } = await as("founder");
  await page.goto("/qa/cases");
  await page.getByRole("main").getByRole("button", { name: "Choose an agency" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /Lakeshore/ }).click();
  await settled(page, "QA cases");
  const banner = page.getByRole("region", { name: "Whose data this is" });
  await expect(banner).toContainText("Lakeshore Ambulance");
  expect(new URL(page.url()).searchParams.get("agency")).toMatch(/^\d+$/);

  // A link carries the agency along, and a reload keeps it.
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Claims" }).click();
  await settled(page, "Claims");
  await page.reload();
  await settled(page, "Claims");
  await expect(banner).toContainText("Lakeshore Ambulance");

  await banner.getByRole("button", { name: "Leave agency" }).click();
  await expect(banner).toHaveCount(0);
  await expect(page.getByRole("main").getByRole("button", { name: "Choose an agency" })).toBeVisible();
});

test("somebody of an agency cannot work for another, whatever the address says", async ({ as }) => {
  const { page } = await as("lakeshore-qa");
  const { agency } = await (async () => {
    await page.goto("/account");
    return must(page, "GET", "/api/me");
  })();
  const other = String(Number(agency.id) === 1 ? 2 : 1);
  await page.goto(`/qa/cases?agency=${other}`);
  const status = await page.evaluate(async (id) => (await fetch("/api/qa/cases", { headers: { "X-Agency-Id": id } })).status, other);
  expect(status).toBe(403);
  await expect(page.getByRole("region", { name: "Whose data this is" })).toHaveCount(0);
});
