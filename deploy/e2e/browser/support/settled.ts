import { expect, type Page } from "@playwright/test";

/** Waits until a page shows what it is about: its heading, and nothing that is still loading. */
export async function settled(page: Page, heading: string | RegExp): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: heading, exact: typeof heading === "string" })).toBeVisible();
  await expect(page.locator(".skeleton")).toHaveCount(0);
  await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
}
