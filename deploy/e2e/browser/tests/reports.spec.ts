import { readFile } from "node:fs/promises";

import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";

test("a report is run, read with what was left out, and exported", async ({ as }) => {
  const { page } = await as("lakeshore-admin");
  await page.goto("/reports");
  await settled(page, "Reports");
  const template = page.getByRole("main").getByRole("link", { name: "Response time" }).first();
  const name = (await template.innerText()).trim();
  await template.click();
  await settled(page, name);
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("First day").fill(day(-60));
  await page.getByLabel("Last day").fill(day(-1));
  await page.getByRole("button", { name: "Run report" }).click();
  await expect(page).toHaveURL(/\/reports\/executions\//);
  await settled(page, name);

  const figures = page.getByRole("table").filter({ hasText: "Medic 41" }).first();
  await expect(figures).toBeVisible();
  await expect(page.getByRole("region", { name: "Headline" })).toContainText(/Calls in the figures\s*[1-9]/);
  await expect(page.getByRole("heading", { name: "How this was computed" })).toBeVisible();
  // The other agency's units are nowhere.
  await expect(page.getByText("Ambulance 7")).toHaveCount(0);

  // The browser computes the hash of the stored answer itself.
  await page.getByRole("button", { name: "Verify in this browser" }).click();
  await expect(page.getByText("Verified in this browser", { exact: true })).toBeVisible();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const csv = await readFile(await file.path(), "utf8");
  expect(csv).toContain("Medic 41");
  expect(csv).not.toContain("Ambulance 7");

  await page.goto("/reports");
  await settled(page, "Reports");
  await expect(page.getByRole("table", { name: /runs/i }).getByRole("row").nth(1)).toBeVisible();
});
