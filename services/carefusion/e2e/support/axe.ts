import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

/** WCAG 2.2 AA and what axe counts as good practice. */
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Fails with every violation that axe finds, each with the elements. The source comes in by the debugger, which no content
 * security policy stops, so that pages are judged with theirs in force.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async (runOnly) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly, resultTypes: ["violations"] });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${v.help}\n  ${n.html.slice(0, 300)}\n  ${n.failureSummary ?? ""}`));
  }, tags);
  expect.soft(found, "accessibility violations").toEqual([]);
}

/** Nothing wider than the window: nobody has to scroll sideways to read. */
export async function expectFits(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(over, "pixels wider than the window").toBeLessThanOrEqual(0);
}

/** Waits until a page shows what it is about. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("[data-loading]")).toHaveCount(0);
}
