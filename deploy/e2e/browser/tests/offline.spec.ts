import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";

test("a device without a connection keeps what is on the screen, and says what does not work", async ({ as }) => {
  const { page, watch } = await as("lakeshore-billing-admin");
  await page.goto("/billing/claims");
  await settled(page, "Claims");
  const rows = page.getByRole("table").first().getByRole("row");
  const before = await rows.count();
  await page.context().setOffline(true);
  await expect(page.getByText("This device is offline.")).toBeVisible();
  await expect(rows).toHaveCount(before);

  await test.step("a page whose script was never loaded fails inside the frame", async () => {
    await page.getByRole("link", { name: "Home", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: "This page could not be shown" })).toBeVisible();
    await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("This device is offline");
  });

  await page.context().setOffline(false);
  await expect(page.getByText("This device is offline. What you see")).toHaveCount(0);
  await page.getByRole("button", { name: "Try again" }).click();
  await settled(page, "Home");
  // React tells the console what an error boundary caught.
  watch.errors.length = 0;
});
