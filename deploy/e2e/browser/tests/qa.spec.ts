import { must } from "../support/api.ts";
import { expect, test } from "../support/test.ts";

interface Cases {
  cases: { id: string; incidentNumber: string; priority: string; createTime: string }[];
}

const rows = "tbody th a";

test("the queue shows the most urgent first, its tiles filter it, and the address carries that", async ({ as }) => {
  const { page } = await as("lakeshore-qa");
  await page.goto("/qa/cases");
  await expect(page.getByRole("heading", { name: "QA cases" })).toBeVisible();
  const { cases } = await must<Cases>(page, "GET", "/api/qa/cases?state=STATE_PENDING&orderBy=priority%20desc");
  await expect(page.locator(rows)).toHaveText(cases.map((c) => c.incidentNumber));
  const rank = ["PRIORITY_HIGH", "PRIORITY_MEDIUM", "PRIORITY_LOW"];
  expect(cases.map((c) => rank.indexOf(c.priority))).toEqual(cases.map((c) => rank.indexOf(c.priority)).toSorted());

  const medium = cases.filter((c) => c.priority === "PRIORITY_MEDIUM");
  const tile = page.getByRole("button", { name: /Medium priority, pending/ });
  await expect(tile).toContainText(String(medium.length));
  await tile.click();
  await expect(page).toHaveURL(/[?&]priority=medium/);
  await expect(page.locator(rows)).toHaveText(medium.map((c) => c.incidentNumber));
  await page.reload();
  await expect(page.locator(rows)).toHaveText(medium.map((c) => c.incidentNumber));
  await tile.click();
  await expect(page.locator(rows)).toHaveCount(cases.length);
});

test("a case is found by its incident number, which is in no address, and shows value, limit, chart and history", async ({ as }) => {
  const { page } = await as("lakeshore-qa");
  await page.goto("/qa/cases");
  const { cases } = await must<Cases>(page, "GET", "/api/qa/cases?triggerCode=TIME.RESP_CRIT");
  const number = cases[0]?.incidentNumber ?? "";
  expect(number).not.toBe("");
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  await page.getByLabel("Incident number").fill(number.toLowerCase());
  await page.getByRole("link", { name: number }).click();
  await expect(page.getByRole("heading", { name: `Incident ${number}` })).toBeVisible();
  const trigger = page.getByRole("listitem").filter({ hasText: "TIME.RESP_CRIT" });
  await expect(trigger.getByText(/ min above the limit$/)).toBeVisible();
  await expect(trigger.getByText("eTimes.06", { exact: true })).toBeVisible();
  await expect(page.getByText("Unit notified")).toBeVisible();
  await expect(page.getByText("Case opened")).toBeVisible();
  expect(addresses.filter((a) => a.toLowerCase().includes(number.toLowerCase()))).toEqual([]);
  await page.getByRole("link", { name: "Open chart" }).click();
  await expect(page).toHaveURL(/\/charts\/[0-9a-f-]{36}$/);
});

test("another agency's case is not found", async ({ as }) => {
  const { page: own } = await as("lakeshore-qa");
  await own.goto("/qa/cases");
  const { cases } = await must<Cases>(own, "GET", "/api/qa/cases?pageSize=1");
  const { page } = await as("highplains-qa");
  await page.goto(`/qa/cases/${cases[0]?.id}`);
  await expect(page.getByText("Not found")).toBeVisible();
});
